package spike

// What is decided because time has passed, and at the end of the input.

// timers does what event time alone makes due.
func (t *Tracker) timers() {
	t.settle()
	for _, s := range t.doors {
		if s.stirs() || t.now >= t.minuteDue {
			s.pass(t)
		}
	}
	for cl := range t.site {
		t.site[cl].pass(t)
	}
	if t.now < t.minuteDue {
		return
	}
	t.minuteDue = after(t.now, minute)
	t.logins.mark(t.now)
	t.visitors.pass(t.now)
	t.decideHeld(false)
	for _, c := range t.camps {
		t.brand(c)
		t.tellStolen(c)
	}
	for cl := range t.outages {
		t.outages[cl].pass(t)
	}
	t.closeIdle()
}

// settleVisit gives full weight to a visit, unless it was resolved.
func (t *Tracker) settleVisit(v *visit) {
	if v.state != pending {
		return
	}
	v.state = settled
	src := t.sources.get(v.srcKey)
	t.post(v, src, weighSettled)
	t.claimSettled(v, src)
	d := t.door(v.class, v.path)
	if d == nil && v.stranger && !v.outage {
		d = t.openDoor(v.class, v.path)
	}
	if d != nil {
		d.settled(t, v, src)
	}
	t.site[v.class].settled(t, v, src)
	if src != nil {
		t.judgeViews(v, src)
	}
	for _, look := range v.looks {
		if look == 0 || v.class != login {
			continue
		}
		if g := t.groups.get(t.lookKey(look)); g != nil && g.camp == 0 && g.heat.value >= lookHeat && g.sources >= 10 {
			t.judgeGroup(g)
		}
	}
}

// makeRoom settles the visit that the next one takes the place of: so many come that
// none can wait its time.
func (t *Tracker) makeRoom() {
	if seq := t.visits.first; t.visits.full() && seq >= t.settleSeq {
		t.settleSeq = seq + 1
		t.settleVisit(t.visits.at(seq))
	}
}

// settle gives full weight to visits that stayed unresolved.
func (t *Tracker) settle() {
	t.settleSeq = max(t.settleSeq, t.visits.first)
	for ; t.settleSeq < t.visits.next; t.settleSeq++ {
		v := t.visits.at(t.settleSeq)
		if v.first <= t.now && v.first+settleAfter > t.now {
			break
		}
		t.settleVisit(v)
	}
	t.finalSeq = max(t.finalSeq, t.visits.first)
	for ; t.finalSeq < t.visits.next; t.finalSeq++ {
		v := t.visits.at(t.finalSeq)
		if v.first <= t.now && v.first+holdFor > t.now {
			break
		}
		if v.class == login && v.camp == 0 && !v.outage {
			t.usual.all++
			if v.state == resolved {
				t.usual.resolved++
			}
		}
		if src := t.sources.get(v.srcKey); src != nil && v.state != resolved {
			v.aged = true
			t.judgeVisit(v, src)
		}
	}
}

// decideHeld drops alarms that events have answered and raises those that lasted.
// At the end of the input what is left is raised.
func (t *Tracker) decideHeld(end bool) {
	keep := t.held[:0]
	for _, key := range t.held {
		s := t.sources.get(key)
		switch {
		case s == nil:
		case s.camp != 0 || s.heat.add(t.now, 0, forgetSource) || s.heat.value < sourceHeat-1 || s.names < 4:
			s.held = false
		case end || t.passed(s.heat.from, holdFor):
			s.held = false
			if s.heat.value >= sourceHeat {
				t.raiseSource(s)
			}
		default:
			keep = append(keep, key)
		}
	}
	t.held = keep
	keep = t.heldGroup[:0]
	for _, key := range t.heldGroup {
		g := t.groups.get(key)
		need := float32(networkHeat)
		if g != nil && g.look != 0 {
			need = lookHeat
		}
		switch {
		case g == nil:
		case g.camp != 0 || g.add(t.now, 0) || g.heat.value < need-2:
			g.held = false
		case end || t.passed(g.heat.from, holdGroup):
			g.held = false
			if g.heat.value >= need {
				t.raiseGroup(g, false)
			}
		case g.heat.value >= need && t.raiseGroup(g, true):
			g.held = false
		default:
			keep = append(keep, key)
		}
	}
	t.heldGroup = keep
	keep = t.heldUsers[:0]
	for _, key := range t.heldUsers {
		u := t.accounts.get(key)
		switch {
		case u == nil:
		case u.camp != 0 || u.heat.add(t.now, 0, forgetAccount) || u.heat.value < accountHeat-2:
			u.held = false
		case end || t.passed(u.heat.from, holdFor):
			u.held = false
			if u.heat.value >= accountHeat-1 {
				t.raiseAccount(u)
			}
		default:
			keep = append(keep, key)
		}
	}
	t.heldUsers = keep
}

// settleAll gives full weight to what stands when the input ends.
func (t *Tracker) settleAll() {
	for seq := max(t.finalSeq, t.visits.first); seq < t.visits.next; seq++ {
		v := t.visits.at(seq)
		s := t.sources.get(v.srcKey)
		if s == nil || v.state == resolved || v.outage {
			continue
		}
		if v.state == pending {
			t.post(v, s, weighSettled)
		}
		v.aged = true
		t.judgeVisit(v, s)
		if v.class == login && s.camp == 0 && v.camp == 0 && s.heat.value >= sourceHeat && s.names >= 5 && s.known == 0 {
			t.raiseSource(s)
		}
	}
}
