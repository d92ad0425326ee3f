package spike

import "why401/detectors"

// forms learns which login forms show themselves again, with a 200, to those whom they
// refuse: logins there are redirected, far more of them, and most of those who were
// shown the form again are redirected soon.
type forms struct {
	known []form   // few; a new one takes the place of the one least used
	shown admitted // by address, user agent and route, and when
}

type form struct {
	route                     uint64
	redirected, shown, mended uint32
	sure                      bool
}

const (
	mostForms     = 16
	formLogins    = 20 // redirected, before anything is said
	formMended    = 5
	formMendsSoon = 10 * minute
)

// refused says that a login form's 200 or redirection, which looks like a login, was a
// refusal, and learns from it.
func (m *forms) refused(t *Tracker, a *detectors.Attempt) bool {
	redirected := a.Status == 302 || a.Status == 303
	if a.Kind != detectors.Login || a.Method != detectors.MethodPost || a.Path == 0 || !redirected && a.Status != 200 {
		return false
	}
	f := m.form(a.Path)
	src, key := t.admission(a)
	key = t.mix(key, a.Agent)
	if !redirected {
		f.shown++
		m.shown.add(src, key, t.now)
		return f.sure
	}
	f.redirected++
	if at := m.shown.when(src, key); at != 0 && t.now-at < formMendsSoon {
		f.mended++
	}
	f.sure = f.sure || f.redirected >= formLogins && f.mended >= formMended && 2*f.shown <= f.redirected && 3*f.mended >= f.shown
	return false
}

func (m *forms) form(route uint64) *form {
	for i := range m.known {
		if m.known[i].route == route {
			return &m.known[i]
		}
	}
	if len(m.known) < mostForms {
		m.known = append(m.known, form{route: route})
		return &m.known[len(m.known)-1]
	}
	least := &m.known[0]
	for i := range m.known {
		if m.known[i].redirected < least.redirected {
			least = &m.known[i]
		}
	}
	*least = form{route: route}
	return least
}

func (m *forms) code(c *coder) {
	list(c, &m.known, func(f *form) {
		c.hash(&f.route)
		numbers(c, &f.redirected, &f.shown, &f.mended)
		c.flags(&f.sure)
	})
	m.shown.code(c)
	if len(m.known) > mostForms {
		c.damaged()
		m.known = nil
	}
}
