"""Small stand-ins for the services where keys live: enough for a write and its proof."""
