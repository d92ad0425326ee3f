package spike

import (
	"fmt"
	"net/netip"
	"testing"

	"why401/rules"
)

// What looks like two attacks and is one: two networks that try the same few names at
// the same pace, and two names tried at once where the log has no addresses.
func TestOneAttack(t *testing.T) {
	for name, write := range map[string]func(d *day){
		"two networks": func(d *day) {
			for i := range 200 {
				from := ip(fmt.Sprintf("203.0.113.%d", 1+i*7%250))
				if i%2 == 0 {
					from = ip(fmt.Sprintf("198.51.100.%d", 1+i*11%250))
				}
				d.login(float64(i)*90+float64(i*i%31), from, []string{"root", "ops", "ops"}[i/2%3], rules.UnknownUser, "")
			}
		},
		"no addresses": func(d *day) {
			for i := range 100 {
				d.login(1.3*float64(i)+float64(i*i%7)/10, netip.Addr{}, []string{"root", "root", "admin"}[i%3], rules.BadCredentials, "")
			}
		},
	} {
		d := newDay(true)
		write(d)
		if got := run(Config{}, d.sorted()); len(got) != 1 {
			t.Errorf("%s: %d findings: %s", name, len(got), show(got))
		}
	}
}
