package parsers

import (
	"bytes"
	"time"
)

// The layouts of time stamps, one function each. What they share is in time.go.

// CLF reads 22/Nov/2026:00:12:31 +0000 (Common Log Format), also with a space
// before the time, with a fraction, without zone (HAProxy, Django), and with
// the month first in digits (cPanel).
func (c *Clock) CLF(b []byte) (Stamp, int) {
	if len(b) >= 26 && (len(b) == 26 || b[26] == ']') && string(b[:26]) == string(c.seen[:]) {
		return c.seenStamp, 26
	}
	if len(b) < 20 || b[2] != '/' || b[6] != '/' || b[11] != ':' && b[11] != ' ' {
		return c.cpanel(b)
	}
	y1, y2, d := two(b, 7), two(b, 9), two(b, 0)
	t, w := clockTime(b, 12)
	date, ok := days(y1*100+y2, month(b[3:]), d)
	if !ok || y1 < 0 || y2 < 0 || w != 8 {
		return Stamp{}, 0
	}
	stamp, n := c.finish(b, 20, date*day+int64(t), 0)
	if n == 26 && (len(b) == 26 || b[26] == ']') {
		copy(c.seen[:], b)
		c.seenStamp = stamp
	}
	return stamp, n
}

// cpanel reads 11/22/2026:00:12:31 -0000, cPanel's form of the Common Log Format, and
// Netscaler's.
func (c *Clock) cpanel(b []byte) (Stamp, int) {
	if len(b) < 19 || b[2] != '/' || b[5] != '/' || b[10] != ':' {
		return Stamp{}, 0
	}
	y1, y2 := two(b, 6), two(b, 8)
	t, w := clockTime(b, 11)
	date, ok := days(y1*100+y2, two(b, 0), two(b, 3))
	if !ok || y1 < 0 || y2 < 0 || w != 8 {
		return Stamp{}, 0
	}
	return c.finish(b, 19, date*day+int64(t), 0)
}

// ISO reads 2026-11-22T00:12:31.589Z (RFC 3339) and its kin: a space or " - "
// for the T, slashes or dots in the date, ",589", any form of zone or none.
func (c *Clock) ISO(b []byte) (Stamp, int) {
	if len(b) < 18 || b[4] != b[7] || b[4] != '-' && b[4] != '/' && b[4] != '.' {
		return Stamp{}, 0
	}
	if string(b[:10]) != string(c.seenDate[:]) {
		y1, y2, mo, d := two(b, 0), two(b, 2), two(b, 5), two(b, 8)
		if y1 < 0 || y2 < 0 || mo < 0 || d < 0 {
			return Stamp{}, 0
		}
		date, ok := days(y1*100+y2, mo, d)
		if !ok {
			return Stamp{}, 0
		}
		copy(c.seenDate[:], b)
		c.seenDays = date
	}
	at := 11
	switch b[10] {
	case 'T', 't', '_':
	case ' ':
		if b[11] == ' ' {
			at = 12
		} else if b[11] == '-' && b[12] == ' ' {
			at = 13
		}
	default:
		return Stamp{}, 0
	}
	t, w := clockTime(b, at)
	if w == 0 {
		return Stamp{}, 0
	}
	return c.finish(b, at+w, c.seenDays*day+int64(t), 0)
}

// Compact reads 20261122T001231Z and 20261122 00:12:31.
func (c *Clock) Compact(b []byte) (Stamp, int) {
	if len(b) < 15 || b[8] != 'T' && b[8] != ' ' && b[8] != '-' {
		return Stamp{}, 0
	}
	y1, y2, mo, d := two(b, 0), two(b, 2), two(b, 4), two(b, 6)
	if y1|y2|mo|d < 0 {
		return Stamp{}, 0
	}
	date, ok := days(y1*100+y2, mo, d)
	if !ok {
		return Stamp{}, 0
	}
	if t, w := clockTime(b, 9); w == 8 {
		return c.finish(b, 17, date*day+int64(t), 0)
	}
	h, m, s := two(b, 9), two(b, 11), two(b, 13)
	if h|m|s < 0 || h > 24 || m > 59 || s > 60 {
		return Stamp{}, 0
	}
	return c.finish(b, 15, date*day+int64(h*hour+m*minute+s), 0)
}

// TwoDigitYear reads 261122  0:12:31 (MySQL before 5.7), of this century.
func (c *Clock) TwoDigitYear(b []byte) (Stamp, int) {
	if len(b) < 15 || b[6] != ' ' {
		return Stamp{}, 0
	}
	y, mo, d, at := two(b, 0), two(b, 2), two(b, 4), 7
	if b[7] == ' ' {
		at = 8
	}
	t, w := clockTime(b, at)
	date, ok := days(2000+y, mo, d)
	if !ok || y < 0 || w == 0 {
		return Stamp{}, 0
	}
	return Stamp{c.local(date*day+int64(t)) * 1e9, AssumedZone}, at + w
}

// Ctime reads Sun Nov 22 00:12:31.482910 2026 (Apache's error log, date(1)), also where
// a day of one digit isn't padded.
func (c *Clock) Ctime(b []byte) (Stamp, int) {
	if len(b) < 24 || b[3] != ' ' || b[7] != ' ' || month(b[4:]) == 0 {
		return Stamp{}, 0
	}
	n, d := 10, 0
	if b[9] == ' ' && b[8]-'1' < 9 {
		n, d = 9, int(b[8]-'0')
	} else if d = dayOfMonth(b, 8); d < 0 || b[10] != ' ' {
		return Stamp{}, 0
	}
	t, w := clockTime(b, n+1)
	if w != 8 {
		return Stamp{}, 0
	}
	n += 9
	ns, w := fraction(b, n)
	n += w
	off, w := zoneOffset(b, n)
	zoned := w > 0
	n += w
	if n+5 > len(b) || b[n] != ' ' {
		return Stamp{}, 0
	}
	y1, y2 := two(b, n+1), two(b, n+3)
	date, ok := days(y1*100+y2, month(b[4:]), d)
	if !ok || y1 < 0 || y2 < 0 {
		return Stamp{}, 0
	}
	sec := date*day + int64(t)
	if zoned {
		return Stamp{(sec-off)*1e9 + ns, 0}, n + 5
	}
	return Stamp{c.local(sec)*1e9 + ns, AssumedZone}, n + 5
}

// dayOfMonth reads " 2", "02" or "22" at b[i:], or returns -1.
func dayOfMonth(b []byte, i int) int {
	if b[i] == ' ' && b[i+1]-'1' < 9 {
		return int(b[i+1] - '0')
	}
	return two(b, i)
}

// Klog reads 1122 00:12:31.482910 (klog: month and day, no year).
func (c *Clock) Klog(b []byte) (Stamp, int) {
	if len(b) < 13 || b[4] != ' ' {
		return Stamp{}, 0
	}
	mo, d := two(b, 0), two(b, 2)
	t, w := clockTime(b, 5)
	if mo < 1 || d < 1 || w != 8 {
		return Stamp{}, 0
	}
	sec, ok := c.withYear(mo, d, int64(t))
	if !ok {
		return Stamp{}, 0
	}
	ns, w := fraction(b, 13)
	return Stamp{c.local(sec)*1e9 + ns, AssumedYear | AssumedZone}, 13 + w
}

// DayMonthYear reads 22-Nov-2026 00:12:31.589 (java.util.logging in Tomcat, PHP)
// and 22 Nov 2026 00:12:31, with a zone or without.
func (c *Clock) DayMonthYear(b []byte) (Stamp, int) {
	if len(b) < 19 {
		return Stamp{}, 0
	}
	i := 0
	if b[1] == b[5] && (b[1] == '-' || b[1] == ' ') {
		i = -1 // one digit
	}
	var d int
	if i < 0 {
		d = int(b[0] - '0')
	} else {
		d = two(b, 0)
	}
	if sep := b[i+2]; sep != '-' && sep != ' ' || b[i+6] != sep || len(b) < i+20 {
		return Stamp{}, 0
	}
	mo, y1, y2 := month(b[i+3:]), two(b, i+7), two(b, i+9)
	if mo == 0 || d < 0 || y1 < 0 || y2 < 0 || b[i+11] != ' ' {
		return Stamp{}, 0
	}
	t, w := clockTime(b, i+12)
	date, ok := days(y1*100+y2, mo, d)
	if !ok || w == 0 {
		return Stamp{}, 0
	}
	return c.finish(b, i+12+w, date*day+int64(t), 0)
}

// MonthDayYear reads Mar 14, 2026 9:26:53 AM (java.util.logging on a terminal,
// Grafana, American locales).
func (c *Clock) MonthDayYear(b []byte) (Stamp, int) {
	comma := bytes.IndexByte(b[:min(len(b), 13)], ',')
	if comma < 5 || len(b) < comma+14 || b[comma+1] != ' ' || month(b) == 0 {
		return Stamp{}, 0
	}
	space := bytes.IndexByte(b[:comma], ' ')
	if space < 3 {
		return Stamp{}, 0
	}
	d := 0
	switch comma - space {
	case 2:
		d = int(b[space+1] - '0')
	case 3:
		d = dayOfMonth(b, space+1)
	default:
		return Stamp{}, 0
	}
	y1, y2 := two(b, comma+2), two(b, comma+4)
	at := comma + 6
	if b[at] == ',' {
		at++
	}
	date, ok := days(y1*100+y2, month(b), d)
	if !ok || y1 < 0 || y2 < 0 || b[at] != ' ' {
		return Stamp{}, 0
	}
	return c.twelve(b, at+1, date)
}

// twelve reads a time at b[at:] that AM or PM may follow.
func (c *Clock) twelve(b []byte, at int, date int64) (Stamp, int) {
	t, w := clockTime(b, at)
	if w == 0 {
		return Stamp{}, 0
	}
	at += w
	ns, w := fraction(b, at)
	at += w
	rest := b[at:]
	if bytes.HasPrefix(rest, []byte("\u202f")) { // narrow space of newer Java and JavaScript
		rest = rest[2:]
	}
	if len(rest) >= 3 && (rest[0] == ' ' || rest[0] == 0xaf) && rest[2]|0x20 == 'm' {
		switch {
		case rest[1]|0x20 == 'p' && t < 12*hour:
			t += 12 * hour
		case rest[1]|0x20 == 'a' && t >= 12*hour:
			t -= 12 * hour
		}
		at = len(b) - len(rest) + 3
	}
	off, w := zoneOffset(b, at)
	sec := date*day + int64(t)
	if w > 0 {
		return Stamp{(sec-off)*1e9 + ns, 0}, at + w
	}
	return Stamp{c.local(sec)*1e9 + ns, AssumedZone}, at
}

// Slashes reads 03/14/2026, 7:32:47 PM and 14/03/2026, 19:32:47: the date of a
// locale, month first unless that is impossible or no AM or PM follows the time
// and the day comes first by its size. The order is assumed where both fit.
func (c *Clock) Slashes(b []byte) (Stamp, int) {
	var part [3]int
	i := 0
	for k := range part {
		start := i
		for i < len(b) && i < start+4 && b[i]-'0' <= 9 {
			part[k] = part[k]*10 + int(b[i]-'0')
			i++
		}
		if i == start || i+9 > len(b) || k < 2 && b[i] != '/' && b[i] != '.' && b[i] != '-' {
			return Stamp{}, 0
		}
		if k < 2 {
			i++
		}
	}
	if b[i] == ',' {
		i++
	}
	if part[2] < 100 && i == 8 { // 01/25/26
		part[2] += 2000
	}
	if b[i] != ' ' || part[2] < 1000 {
		return Stamp{}, 0
	}
	assumed := AssumedDate
	mo, d := part[0], part[1]
	if mo > 12 || b[2] == '.' {
		mo, d = d, mo
	}
	if mo > 12 || d > 12 || b[2] == '.' {
		assumed = 0
	}
	date, ok := days(part[2], mo, d)
	if !ok {
		return Stamp{}, 0
	}
	t, n := c.twelve(b, i+1, date)
	t.Assumed |= assumed
	return t, n
}

// colons reads 2026:03:14-09:26:53 (DirectAdmin, Sophos UTM).
func (c *Clock) colons(b []byte) (Stamp, int) {
	if len(b) < 19 || b[4] != ':' || b[7] != ':' || b[10] != '-' {
		return Stamp{}, 0
	}
	y1, y2, mo, d := two(b, 0), two(b, 2), two(b, 5), two(b, 8)
	t, w := clockTime(b, 11)
	if y1|y2|mo|d < 0 || w != 8 {
		return Stamp{}, 0
	}
	date, ok := days(y1*100+y2, mo, d)
	if !ok {
		return Stamp{}, 0
	}
	return c.finish(b, 19, date*day+int64(t), 0)
}

// monthDay reads Mar-14-26 09:26:53 (ASSP), of this century.
func (c *Clock) monthDay(b []byte) (Stamp, int) {
	if len(b) < 18 || b[3] != '-' || b[6] != '-' || b[9] != ' ' || month(b) == 0 {
		return Stamp{}, 0
	}
	d, y := two(b, 4), two(b, 7)
	t, w := clockTime(b, 10)
	if d < 0 || y < 0 || w != 8 {
		return Stamp{}, 0
	}
	date, ok := days(2000+y, month(b), d)
	if !ok {
		return Stamp{}, 0
	}
	return c.finish(b, 18, date*day+int64(t), 0)
}

// RFC1123 reads Sat, 14 Mar 2026 09:26:53 GMT.
func (c *Clock) RFC1123(b []byte) (Stamp, int) {
	if len(b) < 24 || b[3] != ',' || b[4] != ' ' {
		return Stamp{}, 0
	}
	t, n := c.DayMonthYear(b[5:])
	if n == 0 {
		return Stamp{}, 0
	}
	return t, n + 5
}

// TimeOfDay reads 00:12:31.589, a time alone: of the last day that fits the source.
func (c *Clock) TimeOfDay(b []byte) (Stamp, int) {
	t, w := clockTime(b, 0)
	if w != 8 {
		return Stamp{}, 0
	}
	ns, f := fraction(b, w)
	today := c.mod / day * day
	if c.zone != nil {
		_, off := time.Unix(c.mod, 0).In(c.zone).Zone()
		today = (c.mod + int64(off)) / day * day
	}
	sec := c.local(today + int64(t))
	if sec > c.mod+minute {
		sec -= day
	}
	return Stamp{sec*1e9 + ns, AssumedDate | AssumedYear | AssumedZone}, w + f
}

// Any reads a stamp of any shape that its first bytes tell apart. It is for
// layouts whose stamp the user chooses; number says whether a bare number counts.
func (c *Clock) Any(b []byte, number bool) (t Stamp, n int) {
	if len(b) < 8 {
		return Stamp{}, 0
	}
	if b[0]-'0' <= 9 {
		switch {
		case b[4] == '-' || b[4] == '/' || b[4] == '.' && len(b) > 7 && b[7] == '.':
			if t, n = c.ISO(b); n > 0 {
				return t, n
			}
		case b[4] == ':':
			return c.colons(b)
		case b[2] == ':':
			return c.TimeOfDay(b)
		case b[2] == '/' && len(b) > 18 && b[10] == ':': // NetScaler
			return c.cpanel(b)
		case b[2] == '/' && len(b) > 6 && month(b[3:]) > 0:
			return c.CLF(b)
		}
		if b[1]-'0' > 9 && (b[1] == ' ' || b[1] == '-') || (b[2] == ' ' || b[2] == '-') {
			if t, n = c.DayMonthYear(b); n > 0 {
				return t, n
			}
		}
		if b[1] == '/' || b[2] == '/' || b[1] == '.' || b[2] == '.' || b[2] == '-' {
			if t, n = c.Slashes(b); n > 0 {
				return t, n
			}
		}
		if t, n = c.Compact(b); n > 0 || !number {
			return t, n
		}
		if t, n = c.Epoch(b); n > 0 {
			return t, n
		}
		return c.Exponent(b)
	}
	switch {
	case b[3] == ',':
		return c.RFC1123(b)
	case b[3] == '-':
		return c.monthDay(b)
	case b[3] == ' ':
		if t, n = c.Ctime(b); n > 0 {
			return t, n
		}
		if t, n = c.MonthDayYear(b); n > 0 {
			return t, n
		}
		return c.Syslog(b)
	}
	return Stamp{}, 0
}
