"""`python -m unleak` is the same as `unleak`."""

from unleak.cli.main import main

if __name__ == "__main__":
    main()
