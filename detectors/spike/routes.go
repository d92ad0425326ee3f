package spike

// routes remembers paths that refuse requests without credentials, the latest
// maxRoutes, and how often. Which one is forgotten depends on the order of arrival
// alone, never on the keys: they differ from run to run.
type routes struct {
	known index // to 1 + 2*requests let through + 2<<passedBits*requests refused, since it is known
	ring  []uint64
	next  int
}

const (
	maxRoutes  = 4096
	passedBits = 20
	shutAfter  = 8 // refusals
)

// pass counts a request let through, and says whether the route is known.
func (r *routes) pass(path uint64) bool {
	if path == 0 {
		return false
	}
	n := r.known.get(path)
	if n != 0 && n>>1&(1<<passedBits-1) < 1<<passedBits-1 {
		r.known.set(path, n+2)
	}
	return n != 0
}

// refuse counts a refusal, and says that the route lets next to nobody through: asking
// there is how a client learns that it has to log in.
func (r *routes) refuse(path uint64) (shut bool) {
	if path == 0 {
		return false
	}
	n := r.known.get(path)
	if n == 0 {
		n = 1
		if len(r.ring) < maxRoutes {
			r.ring = append(r.ring, path)
		} else {
			r.known.remove(r.ring[r.next])
			r.ring[r.next] = path
			r.next = (r.next + 1) % maxRoutes
		}
	}
	n += 2 << passedBits
	r.known.set(path, n)
	refused, passed := n>>(passedBits+1), n>>1&(1<<passedBits-1)
	return refused > shutAfter && 10*passed < refused
}
