package follow

// Health is how one source fares.
type Health struct {
	Name    string
	Unread  int64  // bytes that were written and not handed out, as last looked at
	Problem string // why nothing can be read of it now, "" if something can
}

// Health tells how every log, pipe and journal fares. It is called on Next's
// goroutine.
func (f *Follower) Health() []Health {
	var list []Health
	for _, l := range f.logs {
		h := Health{Name: l.name}
		for _, g := range l.gens {
			if g.f != nil {
				h.Unread += max(0, g.info.Size()-g.handed)
			}
		}
		switch {
		case l.failed:
			h.Problem = "cannot be read"
		case l.missing && l.named && !l.pipe:
			h.Problem = "is not there"
		}
		list = append(list, h)
	}
	for _, p := range f.pipes {
		h := Health{Name: p.source.Name}
		if p.ended && len(f.logs)+len(f.journals) > 0 {
			h.Problem = "has ended"
		}
		list = append(list, h)
	}
	for _, j := range f.journals {
		h := Health{Name: j.source.Name}
		if j.run == nil {
			h.Problem = "journalctl doesn't run"
		}
		list = append(list, h)
	}
	return list
}
