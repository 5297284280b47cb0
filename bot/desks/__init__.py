"""One module per kind of desk elsewhere: how its doors are opened from the settings. `bot.desk` lists them."""
