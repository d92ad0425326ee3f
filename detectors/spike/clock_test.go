package spike

import (
	"strconv"
	"testing"

	"why401/detectors"
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

// What was under way when the clock was set back doesn't wait until those times come
// again: a day later the timers rest.
func TestTheClockIsSetBack(t *testing.T) {
	const back = -200 * 24 * 3600
	d := newDay(true)
	d.customers(0, 2, 5)
	for i := range 400 { // an attack, an outage and what is held
		d.login(7000+float64(i)/10, rented(i%7), "vic"+strconv.Itoa(i%60), rules.BadCredentials, "")
		d.request(7000+float64(i)/10, rented(i%40), "/items", rules.InvalidSignature, "tool")
	}
	tr := New(Config{})
	for _, a := range d.sorted() {
		tr.Observe(&a, func(detectors.Finding) {})
	}
	if tr.next() >= after(tr.now, hour) {
		t.Fatal("nothing is under way")
	}
	for i := range 5 {
		later := newDay(true)
		later.login(back+float64(i), ip("192.0.2.1"), "kim", rules.None, "")
		tr.Observe(&later.attempts[0], func(detectors.Finding) {})
	}
	tr.Tick(tr.now+24*hour, func(detectors.Finding) {})
	if got := tr.next(); got != after(tr.now, hour) {
		t.Errorf("timers are due in %d s, want the next hour", (got-tr.now)/second)
	}
}
