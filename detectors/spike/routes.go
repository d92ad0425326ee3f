package spike

// routes remembers paths that refuse requests without credentials, the latest
// maxRoutes, and how often.
type routes struct{ kept[tried, *tried] }

// A tried is what became of the requests for one path since it is known.
type tried struct {
	path            uint64
	passed, refused uint32
}

const (
	maxRoutes = 4096
	shutAfter = 8 // refusals
)

func (e *tried) id() uint64 { return e.path }

// pass counts a request let through, and says whether the route is known.
func (r *routes) pass(path uint64) bool {
	e := r.get(path)
	if e != nil && e.passed < 1<<20-1 {
		e.passed++
	}
	return e != nil
}

// refuse counts a refusal, and says that the route lets next to nobody through: asking
// there is how a client learns that it has to log in.
func (r *routes) refuse(path uint64) (shut bool) {
	if path == 0 {
		return false
	}
	e := r.get(path)
	if e == nil {
		e = r.add(tried{path: path})
	}
	e.refused++
	return e.refused > shutAfter && 10*uint64(e.passed) < uint64(e.refused)
}

func (r *routes) code(c *coder) {
	r.kept.code(c, func(e *tried) {
		c.hash(&e.path)
		numbers(c, &e.passed, &e.refused)
	})
}
