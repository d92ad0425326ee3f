package report

// Columns is how many columns of a terminal s takes.
func Columns(s string) int { return width(s) }

// Cut cuts s to at most n columns, and shows that it did.
func Cut(s string, n int) string { return short(s, n) }
