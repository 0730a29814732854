"""What a trace found, as rows in one file: so that a second question takes no second reading.

`tables` says which rows there are, `row` turns a record into a row and back, `writer` makes the
file while a trace goes on, and `source` is the file as a trail: another key among those that were
followed, another time, the same answer.  Every text in the file is cleaned as what is shown is.
"""
