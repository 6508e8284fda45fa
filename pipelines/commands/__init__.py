"""What the commands do: one module a command, and what several say. Their options are `pipelines.command_line`'s to take."""
