package parsers

import "bytes"

var _ = register(Parser{
	Name: "klog",
	Doc: `klog and glog: Kubernetes' components, etcd, kubelet

"Lmmdd hh:mm:ss.uuuuuu thread file:line] text", the structured form with a quoted
text and key=value pairs: https://pkg.go.dev/k8s.io/klog/v2. No zone, and no year
but in newer versions of glog.`,
	Layer: App,
	First: "IWEF",
	Order: 15,
	Parse: parseKlog,
})

func parseKlog(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 30 || t[1]-'0' > 9 {
		return false
	}
	var when Stamp
	n := 0
	switch {
	case t[5] == ' ' && t[8] == ':':
		when, n = s.Klog(t[1:])
	case t[9] == ' ' && t[12] == ':': // glog, with a year
		when, n = s.Compact(t[1:])
	}
	if n == 0 {
		return false
	}
	i := bytes.Index(t[:min(len(t), 200)], []byte("] "))
	if i < n {
		return false
	}
	where := t[n+1 : i]
	if at := bytes.LastIndexByte(where, ' '); at >= 0 {
		where = where[at+1:]
	}
	if colon := bytes.LastIndexByte(where, ':'); colon < 1 || !isDigits(where[colon+1:]) {
		return false
	}
	when.Set(r)
	r.Level = klogLevel[t[0]-'E']
	r.Logger = upTo(where, ":")
	r.Message = t[i+2:]
	text, rest, ok := cutQuoted(r.Message)
	if !ok {
		r.pick(r.Message, s)
		return true
	}
	r.pick(text, s)
	rest = trimSpaces(rest)
	n = 0
	for n < len(rest) { // what isn't pairs belongs to the text
		k := pairLen(rest[n:])
		if k == 0 {
			break
		}
		for n += k; n < len(rest) && rest[n] == ' '; n++ {
		}
	}
	r.readPairs(rest[:n], s)
	for i := range r.Attrs {
		if string(r.Attrs[i].Key) == "resp" {
			r.Status = parseStatus(r.Attrs[i].Value)
		}
	}
	if n < len(rest) {
		r.pick(s.join(" ", r.Message, rest[n:]), s)
	}
	return true
}

var klogLevel = ['W' - 'E' + 1][]byte{'I' - 'E': []byte("info"), 'W' - 'E': []byte("warning"), 0: []byte("error"), 'F' - 'E': []byte("fatal")}
