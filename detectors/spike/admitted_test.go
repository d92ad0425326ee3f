package spike

import (
	"fmt"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// TestOutageOnRoutesThatNeverRefused sees an outage of routes on which nobody was
// refused before: those who asked there used to get in.
func TestOutageOnRoutesThatNeverRefused(t *testing.T) {
	for _, names := range []bool{false, true} {
		for ended := range 2 {
			d := newDay(names)
			for i := range 60 {
				for sec := float64(i) / 7; sec < 3000; sec += 20 {
					cause := rules.None
					if sec >= 1200 && (ended == 0 || sec < 1800) {
						cause = rules.MissingCredentials
					}
					d.request(sec, rented(i), fmt.Sprint("/api/v1/", i%3), cause, "shop-app/2")
					if a := &d.attempts[len(d.attempts)-1]; names {
						a.User = fmt.Sprint("user", i)
					}
				}
			}
			fs := run(Config{}, d.sorted())
			if len(fs) != 1 || fs[0].Kind != "auth_outage" {
				t.Errorf("names %v, ended %d: %s", names, ended, show(fs))
				continue
			}
			if late := fs[0].DetectedAt.Sub(fs[0].Start).Seconds(); late > 30 {
				t.Errorf("seen after %v s", late)
			}
		}
	}
}

// TestAdmitted keeps the latest, in the order of arrival, and survives a restart.
func TestAdmitted(t *testing.T) {
	m := admitted{known: newIndex(), limit: 10}
	for i := range uint64(25) {
		m.add(i+1, int64(i+100))
		m.add(i+1, int64(i+200))
	}
	for i := range uint64(25) {
		want := int64(i + 200)
		if i < 15 {
			want = 0
		}
		if got := m.when(i + 1); got != want {
			t.Errorf("%d was let through at %d, want %d", i, got, want)
		}
	}
	if m.when(0) != 0 || len(m.ring) != 10 {
		t.Error("the bound is not kept")
	}
	var a detectors.Attempt
	if key := New(Config{}).admission(&a); key != 0 {
		t.Error("an attempt without address and path has a key")
	}
}
