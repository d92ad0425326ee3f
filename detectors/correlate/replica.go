package correlate

import (
	"strings"

	"why401/detectors"
)

// Which of the processes that do the same answered a request: hops name them in ways of
// their own, and some not at all.

// learnReplica gives the request the name that its replica has for itself, and
// learns what the edge calls it.
func (t *Tracker) learnReplica(r *request) {
	if r.Replica == 0 {
		t.takeFile(r)
		return
	}
	if len(r.parts) > 1 {
		outer, inner, service := r.Replica, r.Replica, r.Service
		deepest := -1
		for i := range r.parts {
			p := &r.parts[i]
			if p.Replica == 0 {
				continue
			}
			d := 2 * depth(p)
			if p.Agent == 0 { // what a program says of itself, rather than an access log
				d++
			}
			if d > deepest {
				inner, service, deepest = p.Replica, p.Service, d
			}
		}
		if inner != outer {
			old := t.aliases.get(outer)
			if old == nil {
				*t.aliases.put(outer) = inner
			} else if *old != inner {
				*old = 0
			}
		}
		r.Replica, r.Service = inner, service
		return
	}
	if len(t.aliases.slots) > 0 {
		if own := t.aliases.get(r.Replica); own != nil && *own != 0 {
			r.Replica = *own
			if known := t.replicas.get(*own); known != nil {
				r.Service = known.service
			}
		}
	}
}

// takeFile takes the file of the inner hop for its replica, where the outer one's is
// another and files stand for replicas.
func (t *Tracker) takeFile(r *request) {
	for i := range r.parts {
		p := &r.parts[i]
		if p.Source == r.parts[0].Source {
			continue
		}
		in, out := &r.parts[0], p
		if depth(in) < depth(out) || depth(in) == depth(out) && in.Agent != 0 {
			in, out = out, in
		}
		if k := t.fileOf(in.Source); k.replica != 0 && k.replica != t.fileOf(out.Source).replica && k.service != t.fileOf(out.Source).service {
			r.Replica, r.Service = k.replica, k.service
			return
		}
	}
}

// A replicaFile is what the name of a log tells of the replica that writes it.
type replicaFile struct {
	replica uint64 // 0 where no other log's name differs in digits alone
	service uint64 // what those names have in common
}

// fileOf returns what the name of a source tells: app-1.log and app-2.log, web1/app.log
// and web2/app.log are of two replicas.
func (t *Tracker) fileOf(source int32) replicaFile {
	files := t.cfg.Files()
	if len(files) != len(t.replicaFiles) {
		t.replicaFiles = make([]replicaFile, len(files))
		same := map[uint64]int{}
		for i, name := range files {
			k := t.names.String(strings.Map(noDigit, name))
			t.replicaFiles[i] = replicaFile{t.names.String(name), k}
			same[k]++
		}
		for i := range t.replicaFiles {
			if same[t.replicaFiles[i].service] < 2 {
				t.replicaFiles[i].replica = 0
			}
		}
	}
	if source < 0 || int(source) >= len(t.replicaFiles) {
		return replicaFile{}
	}
	return t.replicaFiles[source]
}

func noDigit(c rune) rune {
	if '0' <= c && c <= '9' {
		return -1
	}
	return c
}

// replicaName says in words what answered f, "" where nothing names it.
func (t *Tracker) replicaName(f *held) string {
	name := f.Fail.Replica
	if name == "" {
		for _, p := range f.lines() {
			if k := t.fileOf(p.Source); k.replica == f.Replica {
				name = t.file(detectors.Place{Source: p.Source})
			}
		}
	}
	if len(name) > 64 {
		return ""
	}
	return name
}
