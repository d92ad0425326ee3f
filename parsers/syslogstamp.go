package parsers

import "time"

// Syslog reads Nov  2 22:57:38 (RFC 3164), also with a year before or after the
// time, a fraction and a zone.
func (c *Clock) Syslog(b []byte) (Stamp, int) {
	if len(b) < 15 || b[3] != ' ' {
		return Stamp{}, 0
	}
	mo := month(b)
	if mo == 0 {
		return Stamp{}, 0
	}
	d, at := dayOfMonth(b, 4), 6
	if b[4]-'1' < 9 && b[5] == ' ' { // not padded
		d, at = int(b[4]-'0'), 5
	}
	if d < 0 || b[at] != ' ' {
		return Stamp{}, 0
	}
	at++
	year := -1
	if len(b) >= at+13 && b[at+4] == ' ' {
		if y1, y2 := two(b, at), two(b, at+2); y1 >= 19 && y2 >= 0 {
			year, at = y1*100+y2, at+5
		}
	}
	if b[at] == ' ' && len(b) > at+8 && b[at+2] == ':' { // the hour is padded with a blank
		at++
	}
	t, w := clockTime(b, at)
	if w == 0 {
		return Stamp{}, 0
	}
	at += w
	if year >= 0 {
		date, ok := days(year, mo, d)
		if !ok {
			return Stamp{}, 0
		}
		return c.finish(b, at, date*day+int64(t), 0)
	}
	if len(b) > at+5 && b[at] == ' ' && b[at+5] == ' ' {
		if y1, y2 := two(b, at+1), two(b, at+3); (y1 == 19 || y1 == 20) && y2 >= 0 {
			if date, ok := days(y1*100+y2, mo, d); ok {
				return Stamp{c.local(date*day+int64(t)) * 1e9, AssumedZone}, at + 5
			}
		}
	}
	sec, ok := c.withYear(mo, d, int64(t))
	if !ok {
		return Stamp{}, 0
	}
	ns, w := fraction(b, at)
	return Stamp{c.local(sec)*1e9 + ns, AssumedYear | AssumedZone}, at + w
}

// withYear returns the youngest time with this month, day and second of the day
// that the source can hold, in local seconds.
func (c *Clock) withYear(mo, d int, t int64) (int64, bool) {
	year := time.Unix(c.mod+day, 0).UTC().Year()
	for y := year; y > year-9; y-- { // nine years hold a 29 February
		if date, ok := days(y, mo, d); ok {
			if sec := date*day + t; c.local(sec) <= c.mod+day {
				return sec, true
			}
		}
	}
	return 0, false
}
