"""unleak: cut off leaked AWS credentials, prove that they are dead, leave a way back."""
