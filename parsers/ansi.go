package parsers

// ansi removes terminal colours and other escape sequences (ECMA-48).
func (ln *line) ansi(mem []byte) (bool, []byte) {
	n, t := len(mem), ln.text
	for i := 0; i < len(t); {
		if t[i] != 0x1b {
			mem = append(mem, t[i])
			i++
			continue
		}
		i++
		if i == len(t) {
			break
		}
		switch c := t[i]; {
		case c == '[': // parameters, then one final byte
			i++
			for i < len(t) && t[i] >= 0x20 && t[i] < 0x40 {
				i++
			}
			if i < len(t) && t[i] >= 0x40 && t[i] < 0x7f {
				i++
			}
		case c == ']': // until BEL or ESC
			i++
			for i < len(t) && t[i] != 7 && t[i] != 0x1b {
				i++
			}
			if i < len(t) && t[i] == 7 {
				i++
			}
		case c >= 0x20 && c < 0x7f:
			i++
		}
	}
	ln.owned = true
	return ln.wrapped(wrapANSI, mem[n:]), mem
}
