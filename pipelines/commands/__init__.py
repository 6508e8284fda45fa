"""What the commands do: one module a command, and what several say. Options are taken in `pipelines.command_line`."""
