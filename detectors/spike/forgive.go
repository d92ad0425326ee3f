package spike

// What a login says of refusals before it: that they were mistakes, or legs of a handshake.

import "why401/detectors"

// forgive resolves the visits that a login explains: the identity's own here, two
// of the name's elsewhere, and two of others at this address, whose name was
// mistyped or who share it. A name that gets in for the first time at an address where
// many were refused may be the attacker's, and explains only its own; one that gets in
// again and again explains no new names, or logins to an own account would hide a list.
func (t *Tracker) forgive(a *detectors.Attempt, src *source, acc *account, who uint64) {
	var usual uint32 = forgiven
	listed := src.open >= manyOpen
	known := acc != nil && acc.gotInFrom(src.key)
	if known {
		listed = false
		usual = 1 << 30 // a device that went on with an old password
	}
	if acc != nil && t.now-acc.tried <= hour {
		left := 2
		for seq, n, open := acc.lastVisit, 0, acc.open; n < 16 && open > 0; n++ {
			v := t.visits.at(seq)
			if v == nil || t.now-v.last > hour {
				break
			}
			seq = v.prevUser
			if v.state == resolved {
				continue
			}
			open--
			if v.srcKey == src.key && v.fails <= usual {
				t.resolve(v)
			} else if v.srcKey != src.key && left > 0 && v.fails <= forgiven && t.campaign(v.camp) == nil {
				left--
				t.resolve(v)
			}
		}
	}
	if src.open == 0 || t.now-src.tried > holdFor {
		return
	}
	var h [2]uint32
	if acc != nil {
		h = t.halves(a.User)
	}
	left := 2
	for seq, n, open := src.lastVisit, 0, src.open; n < 16 && left > 0 && open > 0; n++ {
		v := t.visits.at(seq)
		if v == nil || t.now-v.last > holdFor {
			break
		}
		seq = v.prevSrc
		if v.state == resolved {
			continue
		}
		if open--; v.fails > forgiven {
			continue
		}
		if v.user == 0 && v.looks[byAgent] == a.Agent {
			t.resolve(v) // the same person, as far as the log tells
			continue
		}
		if v.user != 0 && v.user == who {
			continue
		}
		if v.user != 0 && !v.resembles(h) && (listed || known && !t.triedBefore(v) || src.shared() || t.campaign(t.site[login].camp) != nil) {
			continue // somebody else behind the same address, or maybe the attacker
		}
		left--
		t.resolve(v)
	}
}

// manyOpen is how many names refused at one address are more than its people mistype.
const manyOpen = 4

// triedBefore says that v's name was refused at its address again after a while: lists
// hold a name once.
func (t *Tracker) triedBefore(v *visit) bool {
	w := t.visits.at(v.prevUser)
	return v.last-v.first >= againAfter || w != nil && w.user == v.user && w.srcKey == v.srcKey
}

const againAfter = 10 * minute

// granted says that a is what the same name was refused here within the last minute: a
// token had ended and was renewed. Or that a handshake ended well.
func (t *Tracker) granted(a *detectors.Attempt, user uint64) bool {
	src := t.sources.get(sourceKey(a.Client))
	if src == nil || t.now-src.tried > minute {
		return false
	}
	v := t.visits.at(src.lastVisit)
	return v != nil && v.class == login && v.user == user && !v.form && v.path == a.Path || t.handshake(a) != nil
}

// handshake returns the visit that is but a leg of the handshake (NTLM, Negotiate,
// Digest) that a ends: the same client was refused the same moments ago, without a name.
func (t *Tracker) handshake(a *detectors.Attempt) *visit {
	v := t.visits.get(t.visitKey(a, a.Agent, login))
	if v == nil || v.user != 0 || v.form || v.path != a.Path || v.camp != 0 || v.fails > forgiven || t.now-v.last > legLasts {
		return nil
	}
	return v
}

// legLasts is how long after a leg of a handshake the next may come, with stamps that
// are rounded to the second.
const legLasts = 2 * second
