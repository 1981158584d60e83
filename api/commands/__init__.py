"""What each command does, given its options; see api.cli for how it is called and fails."""
