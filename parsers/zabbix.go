package parsers

import "bytes"

var _ = register(Parser{
	Name: "zabbix",
	Doc: `Zabbix server, proxy and agent
"process:YYYYMMDD:HHMMSS.mmm text" (zbx_log_impl in log.c).`,
	Layer: App,
	First: "0123456789",
	Dated: "no",
	Order: 62,
	Parse: parseZabbix,
})

func parseZabbix(r *Record, s *Scratch) bool {
	t := r.Text
	colon := bytes.IndexByte(t[:min(len(t), 11)], ':')
	if colon < 1 || len(t) < colon+22 || !isDigits(t[:colon]) || t[colon+9] != ':' || t[colon+16] != '.' || t[colon+20] != ' ' {
		return false
	}
	d := t[colon+1:]
	stamp := s.join("", d[:4], dashByte, d[4:6], dashByte, d[6:8], space, d[9:11], colonByte, d[11:13], colonByte, d[13:19])
	when, n := s.ISO(stamp)
	if n != len(stamp) {
		return false
	}
	when.Set(r)
	r.pick(d[20:], s)
	return true
}

var dashByte, colonByte = []byte{'-'}, []byte{':'}
