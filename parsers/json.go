package parsers

type jsonWalk struct{}

func stringEnd(b []byte) (int, bool) {
	esc := false
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i, esc
		case '\\':
			esc = true
			i++
		}
	}
	return -1, false
}

func appendUnescaped(dst, b []byte) []byte { return append(dst, b...) }
