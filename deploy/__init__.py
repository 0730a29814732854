"""How unleak gets into an account: the function's archive, templates, and the policies in them."""
