"""One folder per outside system, and what they share. Chosen and wired in `bot.desk`, nowhere else."""
