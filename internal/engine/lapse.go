package engine

import (
	"bytes"
	"time"

	"why401/parsers"
)

// lapse returns by how much the time of what was refused, as the server's words print
// it, lies before the time of the entry; negative where it lies ahead; 0 where they
// print none. evidence is what named the cause.
func lapse(r *parsers.Record, evidence []byte) time.Duration {
	const before, after = 64, 256 // bytes around the evidence in which the time stands
	if r.Time == 0 {
		return 0
	}
	text := r.Message
	if i := bytes.Index(r.Text, evidence); i >= 0 {
		text = r.Text[max(0, i-before):min(len(r.Text), i+len(evidence)+after)]
		if end := bytes.Index(text[min(before, i)+len(evidence):], []byte(`",`)); end >= 0 { // of a JSON string
			text = text[:min(before, i)+len(evidence)+end]
		}
	}
	return lapseIn(text[:min(len(text), 1024)], r.Time, r.Assumed != 0)
}

// lapseIn finds the first time in text that isn't the present: servers print the
// token's before their own. Where now is not sure, text must hold the present as well.
func lapseIn(text []byte, now int64, unsure bool) time.Duration {
	const (
		same    = int64(1500 * time.Millisecond)
		longest = int64(longestLapse)
	)
	var clock parsers.Clock // UTC, where no zone is printed
	var first int64
	for i := 0; i < len(text); i++ {
		starts := text[i]-'0' <= 9 || text[i] >= 'F' && text[i] <= 'W' // a digit or a day's name
		if !starts || i > 0 && (text[i-1]-'0' <= 9 || text[i-1]|0x20-'a' < 26 || text[i-1] == '.') {
			continue
		}
		if d, ok := ago(text, i); ok {
			return d
		}
		t, n := clock.Any(text[i:], true)
		if n == 0 || t.Assumed&parsers.AssumedYear != 0 {
			continue
		}
		i += n - 1
		switch d := now - t.Time; {
		case unsure && first == 0:
			first = t.Time
		case unsure:
			now, unsure = t.Time, false
			if d := now - first; d > -longest && d < longest {
				return time.Duration(d)
			}
			return 0
		case d > -longest && d < longest && (d < -same || d > same):
			return time.Duration(d)
		}
	}
	return 0
}

// longestLapse is what tokens and clocks may be off by; what is more is no lapse.
const longestLapse = 366 * 24 * time.Hour

// ago reads a difference at text[at:]: "13 seconds ago", "240000 milliseconds ago",
// and "expired by 3h2m1s" (golang-jwt).
func ago(text []byte, at int) (d time.Duration, ok bool) {
	b := text[at:]
	if bytes.HasSuffix(text[:at], []byte("expired by ")) {
		word, _, _ := bytes.Cut(b[:min(len(b), 32)], []byte{' '})
		d, err := time.ParseDuration(string(bytes.TrimRight(word, `.,;:"'})\`)))
		return d, err == nil && d > -longestLapse && d < longestLapse
	}
	n := 0
	for ; n < len(b) && n < 9 && b[n]-'0' <= 9; n++ {
		d = d*10 + time.Duration(b[n]-'0')
	}
	for _, u := range [...]struct {
		name string
		unit time.Duration
	}{{" milliseconds", time.Millisecond}, {" ms", time.Millisecond}, {" seconds", time.Second}, {" minutes", time.Minute}, {" hours", time.Hour}} {
		rest, found := bytes.CutPrefix(b[n:], []byte(u.name))
		switch {
		case !found || n == 0 || d > longestLapse/u.unit:
		case bytes.HasPrefix(rest, []byte(" ago")):
			return d * u.unit, true
		case bytes.HasPrefix(rest, []byte(" in the future")):
			return -d * u.unit, true
		}
	}
	return 0, false
}
