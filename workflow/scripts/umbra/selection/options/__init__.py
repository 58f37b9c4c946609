"""Options and columns of each selection, in a module of its name: light, because the job graph is built with them."""
