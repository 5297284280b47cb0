"""One file per outside system. Chosen and wired in `bot.app`, nowhere else."""
