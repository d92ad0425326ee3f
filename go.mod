module why401

go 1.26
