"""What the commands do: one module a command, and what several of them say. Words in and out are `pipelines.command_line`'s."""
