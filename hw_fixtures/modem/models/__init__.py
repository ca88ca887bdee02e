"""Models of modems, one TOML file each."""
