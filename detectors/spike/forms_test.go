package spike

import (
	"fmt"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// TestFormsShownAgain guesses at a form that answers every refusal with 200, and
// expects it seen where logins are redirected, and nothing where 200 is a login.
func TestFormsShownAgain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		login uint16
		seen  bool
	}{{"logins are redirected", 303, true}, {"logins are answered", 200, false}} {
		d := newDay(false)
		post := func(sec float64, i int, agent string, status uint16) {
			d.put(sec, rented(i), detectors.Attempt{Kind: detectors.Login, Method: detectors.MethodPost}, agent, "/login", rules.None)
			d.attempts[len(d.attempts)-1].Status = status
		}
		for i := range 300 {
			at := float64(i) * 50
			if i%5 == 0 {
				post(at-9, i, fmt.Sprint("browser ", i%20), 200)
			}
			if i%50 != 0 { // who gives up
				post(at, i, fmt.Sprint("browser ", i%20), tt.login)
			}
		}
		for i := range 100 {
			post(9000+float64(i)*30, 1000, fmt.Sprint("browser ", i%20), 200)
		}
		fs := run(Config{}, d.sorted())
		if seen := len(fs) == 1 && fs[0].Failures >= 95; seen != tt.seen || len(fs) > 1 {
			t.Errorf("%s: %s", tt.name, show(fs))
		}
	}
}

// TestFormsAreFew keeps the form in use, whatever other routes are asked for.
func TestFormsAreFew(t *testing.T) {
	m := forms{}
	m.form(1).redirected = 5
	for i := range uint64(1000) {
		m.form(2 + i)
	}
	if len(m.known) != mostForms || m.form(1).redirected != 5 {
		t.Errorf("%d forms are known, and the one in use with %d logins", len(m.known), m.form(1).redirected)
	}
}
