package spike

import (
	"testing"

	"why401/rules"
)

// A small log is quiet for nights and weeks. What comes then is taken at its own time:
// an attack is whole, and what people mistype on many days is none.
func TestQuietLogs(t *testing.T) {
	const days = 86400
	attack := func(d *day, sec float64, from string) {
		for i := range 6 {
			d.login(sec+2*float64(i), ip(from), "root", rules.BadCredentials, "")
		}
	}
	for name, c := range map[string]struct {
		write func(d *day)
		want  int
	}{
		"an attack on each of three days": {func(d *day) {
			attack(d, 0, "203.0.113.7")
			attack(d, days, "203.0.113.8")
			attack(d, 9*days, "203.0.113.9")
		}, 3},
		"one mistyped a day": {func(d *day) {
			for i := range 40 {
				d.login(float64(i)*days, ip("198.51.100.7"), "ada", rules.BadCredentials, "")
			}
		}, 0},
		"one mistyped every seven hours": {func(d *day) {
			for i := range 40 {
				d.login(float64(i)*7*3600, ip("198.51.100.7"), "ada", rules.BadCredentials, "")
			}
		}, 0},
		"an attack, then a wrong stamp": {func(d *day) {
			attack(d, 0, "203.0.113.7")
			d.login(4000*days, ip("198.51.100.7"), "ada", rules.BadCredentials, "")
		}, 1},
	} {
		d := newDay(true)
		c.write(d)
		if got := run(Config{}, d.attempts); len(got) != c.want {
			t.Errorf("%s: %d findings, want %d: %s", name, len(got), c.want, show(got))
		}
	}
}

// Stamps that stray, one at a time, move nothing: an attack is told with its own times.
func TestStrayStamps(t *testing.T) {
	d := newDay(true)
	for i := range 12 {
		at := 2 * float64(i)
		switch i {
		case 4:
			at += 400 * 86400
		case 7:
			at -= 400 * 86400
		}
		d.login(at, ip("203.0.113.7"), "root", rules.BadCredentials, "")
	}
	got := run(Config{}, d.attempts)
	if len(got) != 1 || got[0].Attempts != 12 || got[0].End.Sub(got[0].Start) > 60e9 {
		t.Errorf("%s", show(got))
	}
}
