"""When it runs: jobs, schedules, sensors, the command line and the sample generator."""
