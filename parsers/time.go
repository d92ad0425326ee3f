package parsers

import "time"

// A Stamp is a time read from a log and what had to be assumed to read it.
type Stamp struct {
	Time    int64 // Unix nanoseconds
	Assumed Assumed
}

// Set gives r the time t.
func (t Stamp) Set(r *Record) { r.Time, r.Assumed = t.Time, t.Assumed }

// A Clock reads time stamps; a Scratch has one. Its methods read a stamp at the
// very start of b and return how many bytes it takes, 0 if there is none. What a
// stamp leaves open is filled from the source: its zone from Options.Zone, its
// year and date from Source.ModTime, which no entry can be younger than by more
// than a day.
type Clock struct {
	zone *time.Location // nil means UTC
	mod  int64          // Unix seconds; when the source was last written
	slot int64          // quarter of an hour, of local time, that offset belongs to
	off  int64          // seconds that zone is ahead of UTC there

	seen      [26]byte // the last whole stamp that CLF read: many lines share a second
	seenStamp Stamp
	seenDate  [10]byte // the last date that ISO read, and its days since 1970
	seenDays  int64
}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

func (c *Clock) init(zone *time.Location, mod time.Time) {
	if mod.IsZero() {
		mod = time.Now() // a stream: written up to now
	}
	if zone == time.UTC {
		zone = nil
	}
	*c = Clock{zone: zone, mod: mod.Unix(), slot: -1}
}

// local turns seconds of the source's local time into Unix seconds.
func (c *Clock) local(sec int64) int64 {
	if c.zone == nil {
		return sec
	}
	if slot := sec / 900; slot != c.slot {
		t := time.Unix(sec, 0).UTC()
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, c.zone)
		c.slot, c.off = slot, sec-t.Unix()
	}
	return sec - c.off
}

// two returns the number that the two digits at b[i:] are, or -1.
func two(b []byte, i int) int {
	x, y := b[i]-'0', b[i+1]-'0'
	if x > 9 || y > 9 {
		return -1
	}
	return int(x)*10 + int(y)
}

// days returns the days from 1970-01-01 to a civil date, and false for a date
// that doesn't exist. The month counts from 1.
func days(y, m, d int) (int64, bool) {
	if m < 1 || m > 12 || d < 1 || d > 31 || d == 31 && (m == 4 || m == 6 || m == 9 || m == 11) || m == 2 && d > 29 {
		return 0, false
	}
	if m == 2 && d == 29 && (y%4 != 0 || y%100 == 0 && y%400 != 0) {
		return 0, false
	}
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	return int64(era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468), true
}

// month returns 1 to 12 for "Jan" to "Dec" at the start of b, in any case, or 0.
func month(b []byte) int {
	if len(b) < 3 {
		return 0
	}
	switch uint32(b[0]|0x20)<<16 | uint32(b[1]|0x20)<<8 | uint32(b[2]|0x20) {
	case 'j'<<16 | 'a'<<8 | 'n':
		return 1
	case 'f'<<16 | 'e'<<8 | 'b':
		return 2
	case 'm'<<16 | 'a'<<8 | 'r':
		return 3
	case 'a'<<16 | 'p'<<8 | 'r':
		return 4
	case 'm'<<16 | 'a'<<8 | 'y':
		return 5
	case 'j'<<16 | 'u'<<8 | 'n':
		return 6
	case 'j'<<16 | 'u'<<8 | 'l':
		return 7
	case 'a'<<16 | 'u'<<8 | 'g':
		return 8
	case 's'<<16 | 'e'<<8 | 'p':
		return 9
	case 'o'<<16 | 'c'<<8 | 't':
		return 10
	case 'n'<<16 | 'o'<<8 | 'v':
		return 11
	case 'd'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

// clockTime reads "HH:MM:SS" at b[i:], the hour of one or two digits.
func clockTime(b []byte, i int) (sec, n int) {
	if i+7 > len(b) {
		return 0, 0
	}
	h, w := 0, 2
	if b[i+1] == ':' {
		h, w = int(b[i]-'0'), 1
		if h > 9 {
			return 0, 0
		}
	} else {
		h = two(b, i)
	}
	j := i + w
	if j+6 > len(b) || b[j] != ':' || b[j+3] != ':' {
		return 0, 0
	}
	m, s := two(b, j+1), two(b, j+4)
	if h < 0 || h > 24 || m < 0 || m > 59 || s < 0 || s > 60 {
		return 0, 0
	}
	return h*hour + m*minute + s, w + 6
}

// fraction reads ".589" or ",589" at b[i:] as nanoseconds.
func fraction(b []byte, i int) (ns int64, n int) {
	if i+1 >= len(b) || b[i] != '.' && b[i] != ',' {
		return 0, 0
	}
	scale := int64(1e9)
	j := i + 1
	for ; j < len(b) && b[j]-'0' <= 9; j++ {
		if scale > 1 {
			scale /= 10
			ns += int64(b[j]-'0') * scale
		}
	}
	if j == i+1 {
		return 0, 0
	}
	return ns, j - i
}

// zoneOffset reads a zone at b[i:], after a space or not: Z, UTC, GMT, +01,
// +0100, +01:00. A name that isn't known is none.
func zoneOffset(b []byte, i int) (sec int64, n int) {
	j := i
	if j < len(b) && b[j] == ' ' {
		j++
	}
	if j >= len(b) {
		return 0, 0
	}
	switch b[j] {
	case 'Z', 'z':
		if j == i && (j+1 == len(b) || !isWord(b[j+1])) {
			return 0, 1
		}
	case 'U', 'G':
		if j+3 <= len(b) && (string(b[j:j+3]) == "UTC" || string(b[j:j+3]) == "GMT") && (j+3 == len(b) || !isWord(b[j+3])) {
			return 0, j + 3 - i
		}
	case '+', '-':
		if j+3 > len(b) {
			return 0, 0
		}
		h, m, end := two(b, j+1), 0, j+3
		if end+3 <= len(b) && b[end] == ':' {
			m, end = two(b, end+1), end+3
		} else if end+2 <= len(b) && b[end]-'0' <= 9 {
			m, end = two(b, end), end+2
		} else if j != i {
			return 0, 0 // " -05" is a text that goes on
		}
		if h < 0 || h > 15 || m < 0 || m > 59 || end < len(b) && (isWord(b[end]) || b[end] == '-' || b[end] == ':' && end+1 < len(b) && b[end+1]-'0' <= 9) {
			return 0, 0
		}
		sec = int64(h*hour + m*minute)
		if b[j] == '-' {
			sec = -sec
		}
		return sec, end - i
	}
	return 0, 0
}

// isWord reports whether c can stand in an identifier.
func isWord(c byte) bool {
	return c|0x20-'a' < 26 || c-'0' <= 9 || c == '_' || c >= 0x80
}

// finish makes a stamp of sec, read up to b[n:], with the fraction and zone that follow there.
func (c *Clock) finish(b []byte, n int, sec int64, assumed Assumed) (Stamp, int) {
	ns, w := fraction(b, n)
	n += w
	off, w := zoneOffset(b, n)
	if w == 0 {
		return Stamp{c.local(sec)*1e9 + ns, assumed | AssumedZone}, n
	}
	return Stamp{(sec-off)*1e9 + ns, assumed}, n + w
}
