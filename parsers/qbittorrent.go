package parsers

var _ = register(Parser{
	Name: "qbittorrent",
	Doc: `qBittorrent

"(L) stamp - text", the level one letter.`,
	Layer: App,
	First: "(",
	Order: 55,
	Parse: parseQBittorrent,
})

func parseQBittorrent(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 26 || t[2] != ')' || t[3] != ' ' || t[8] != '-' {
		return false
	}
	when, n := s.ISO(t[4:])
	if n == 0 || !hasPrefix(t[4+n:], " - ") {
		return false
	}
	when.Set(r)
	r.Level = t[1:2]
	text := t[7+n:]
	if who := after(text, ", username: "); who != nil {
		r.setUser(who)
		text = text[:len(text)-len(who)-len(", username: ")]
	}
	r.pick(text, s)
	return true
}
