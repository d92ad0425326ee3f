package parsers

// Epoch reads a number of seconds, milliseconds, microseconds or nanoseconds
// since 1970, told apart by size, with a fraction or not. Numbers below 10^8 or
// beyond the year 2286 are none.
func (c *Clock) Epoch(b []byte) (Stamp, int) {
	i := 0
	var v int64
	for ; i < len(b) && i < 19 && b[i]-'0' <= 9; i++ {
		v = v*10 + int64(b[i]-'0')
	}
	var unit int64
	switch i {
	case 9, 10:
		unit = 1e9
	case 12, 13:
		unit = 1e6
	case 15, 16:
		unit = 1e3
	case 18, 19:
		unit = 1
	default:
		return Stamp{}, 0
	}
	if v < 0 || i < len(b) && b[i]-'0' <= 9 {
		return Stamp{}, 0
	}
	v *= unit
	if i+1 < len(b) && b[i] == '.' && b[i+1]-'0' <= 9 {
		ns, w := fraction(b, i)
		v += ns / (1e9 / unit)
		i += w
	}
	return Stamp{v, 0}, i
}

// Exponent reads 1.7734804135895e+09, seconds as zap's and Caddy's encoders print them.
func (c *Clock) Exponent(b []byte) (Stamp, int) {
	if len(b) < 6 || b[0]-'1' > 8 || b[1] != '.' {
		return Stamp{}, 0
	}
	v, scale, i := int64(b[0]-'0')*1e9, int64(1e9), 2
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		if scale >= 10 {
			scale /= 10
			v += int64(b[i]-'0') * scale
		} else if scale == 1 { // below a second: keep nanoseconds
			ns, frac := int64(0), int64(1e9)
			for ; i < len(b) && b[i]-'0' <= 9; i++ {
				if frac >= 10 {
					frac /= 10
					ns += int64(b[i]-'0') * frac
				}
			}
			return exponentEnd(b, i, v, ns)
		}
	}
	return exponentEnd(b, i, v, 0)
}

func exponentEnd(b []byte, i int, sec, ns int64) (Stamp, int) {
	if rest := b[i:]; len(rest) >= 4 && rest[0]|0x20 == 'e' && string(rest[1:4]) == "+09" {
		return Stamp{sec*1e9 + ns, 0}, i + 4
	} else if len(rest) >= 2 && rest[0]|0x20 == 'e' && rest[1] == '9' {
		return Stamp{sec*1e9 + ns, 0}, i + 2
	}
	return Stamp{}, 0
}
