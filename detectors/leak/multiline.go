package leak

// A dangling is a name whose value may stand on a later line.
type dangling struct{ class class }

func (s *Scanner) dangle(f *field) {}
