"""What each command does, given its options; see api.cli.run for how it is called and fails."""
