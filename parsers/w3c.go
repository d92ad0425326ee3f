package parsers

import "bytes"

var _ = register(Parser{
	Name: "w3c",
	Doc: `W3C extended log: IIS, HTTP.sys, CloudFront

https://www.w3.org/TR/WD-logfile.html. A "#Fields:" line names the columns of
those that follow. Without one, the layouts are told apart by their shape: IIS
as it comes, HTTPERR, and CloudFront's standard log. Times are UTC. The error
code is status, sub-status and Windows' own code (401.2.2148074254), the reason
of HTTP.sys, or CloudFront's detailed result.`,
	Layer: Edge,
	First: "0123456789#",
	Order: 30,
	Parse: parseW3C,
})

// A w3cColumn is what a column means for a Record.
type w3cColumn uint8

const (
	w3cOther w3cColumn = iota
	w3cDate
	w3cTime
	w3cClient
	w3cClientPort
	w3cMethod
	w3cStem
	w3cQuery
	w3cUser
	w3cAgent
	w3cReferer
	w3cHost
	w3cViewerHost // what the viewer asked CloudFront for, where w3cHost is its own name
	w3cStatus
	w3cSubstatus
	w3cWin32
	w3cRequestID
	w3cResult
	w3cServerIP
	w3cAuthorization
	w3cTLSVersion
	w3cTLSCipher
	w3cServer // the last
)

var w3cNames = map[string]w3cColumn{
	"date": w3cDate, "time": w3cTime,
	"c-ip": w3cClient, "c-port": w3cClientPort,
	"cs-method": w3cMethod, "cs-uri-stem": w3cStem, "cs-uri": w3cStem, "cs-uri-query": w3cQuery,
	"cs-username": w3cUser, "cs(User-Agent)": w3cAgent, "cs(Referer)": w3cReferer,
	"cs-host": w3cHost, "cs(Host)": w3cHost, "x-host-header": w3cViewerHost,
	"sc-status": w3cStatus, "sc-substatus": w3cSubstatus, "sc-win32-status": w3cWin32,
	"x-edge-request-id": w3cRequestID, "x-edge-detailed-result-type": w3cResult, "s-reason": w3cResult,
	"s-computername": w3cServer, "s-ip": w3cServerIP, "cs(Authorization)": w3cAuthorization,
	"ssl-protocol": w3cTLSVersion, "ssl-cipher": w3cTLSCipher,
}

// w3cLayout is the meaning of the columns that one "#Fields:" line names.
type w3cLayout struct {
	header  []byte // a copy of the line
	columns []w3cColumn
}

// read takes the columns of header, if it isn't the one that l knows.
func (l *w3cLayout) read(header []byte) {
	if bytes.Equal(header, l.header) {
		return
	}
	l.header = append(l.header[:0], header...)
	l.columns = appendColumns(l.columns[:0], after(header, ":"))
}

// appendColumns appends what the fields of a "#Fields:" line mean.
func appendColumns(columns []w3cColumn, names []byte) []w3cColumn {
	for name := range bytes.FieldsSeq(names) {
		if len(columns) == 256 {
			break
		}
		columns = append(columns, w3cNames[string(name)])
	}
	return columns
}

func w3cColumns(names string) []w3cColumn { return appendColumns(nil, []byte(names)) }

var (
	iisColumns        = w3cColumns("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken")
	iisAllColumns     = w3cColumns("date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken")
	iis6Columns       = w3cColumns("date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status")
	httperrColumns    = w3cColumns("date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename")
	httperrNewColumns = w3cColumns("date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename")
	cloudFrontColumns = w3cColumns("date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type")
)

func parseW3C(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) > 0 && t[0] == '#' {
		for _, d := range [...]string{"#Fields:", "#Software:", "#Version:", "#Date:", "#Start-Date:", "#End-Date:", "#Remark:", "#Log-type:"} {
			if hasPrefix(t, d) {
				return true
			}
		}
		return false
	}
	if len(s.Header) > 0 {
		s.w3c.read(s.Header)
		if w3cRow(r, s, s.w3c.columns) {
			return true
		}
	}
	columns := w3cShape(t)
	return columns != nil && w3cRow(r, s, columns)
}

// w3cShape returns the columns that a line without header must have, nil where it is none.
func w3cShape(t []byte) []w3cColumn {
	if len(t) < 50 || t[4] != '-' || t[7] != '-' || t[10] != t[19] || t[13] != ':' || t[16] != ':' {
		return nil
	}
	if t[10] == '\t' {
		return cloudFrontColumns
	}
	if t[10] != ' ' {
		return nil
	}
	if hasPrefix(t[20:], "W3SVC") && bytes.Count(t, []byte(" ")) == 21 {
		return iisAllColumns
	}
	addr, _, rest := cutAddress(t[20:])
	if addr == nil || len(rest) < 4 || rest[0] != ' ' {
		return nil
	}
	word, rest := cutWord(rest[1:])
	if isDigits(word) {
		for range 4 { // addresses, ports, version
			word, rest = cutWord(rest)
		}
		if !isMethod(word) && len(word) != 1 {
			return nil
		}
		_, rest = cutWord(rest)
		_, rest = cutWord(rest)
		if next, _ := cutWord(rest); parseStatus(next) > 0 {
			return httperrNewColumns
		}
		return httperrColumns
	}
	if !isMethod(word) {
		return nil
	}
	for range 7 { // stem, query, port, user, client, agent, then referer or status
		word, rest = cutWord(rest)
	}
	if parseStatus(word) > 0 {
		return iis6Columns
	}
	return iisColumns
}

// w3cTime sets the time of a line that has no date: that of the "#Date:" line, which
// says when the log was begun, or the day after; without one, that of the file.
func (s *Scratch) w3cTime(r *Record, tm []byte) bool {
	utc := Clock{slot: -1, mod: s.mod}
	of, n := utc.TimeOfDay(tm)
	if n == 0 {
		return false
	}
	r.Time, r.Assumed = of.Time, AssumedDate
	if begun, n := utc.ISO(bytes.TrimSpace(after(s.Date, ":"))); n > 0 {
		const nanoday = day * 1e9
		r.Time, r.Assumed = begun.Time-begun.Time%nanoday+of.Time%nanoday, 0
		if r.Time < begun.Time-begun.Time%1e9 {
			r.Time += nanoday
		}
	}
	return true
}

// w3cRow reads a line by its columns. Servers write spaces within a value as "+"
// or escape them, so nothing that a client sends moves a column.
func w3cRow(r *Record, s *Scratch, columns []w3cColumn) bool {
	t := r.Text
	sep := byte(' ')
	if bytes.IndexByte(t, '\t') >= 0 {
		sep = '\t'
	}
	var value [w3cServer + 1][]byte
	i := 0
	for rest := t; i < len(columns) && rest != nil; i++ {
		field := rest
		if end := bytes.IndexByte(rest, sep); end >= 0 {
			field, rest = rest[:end], rest[end+1:]
		} else {
			rest = nil
		}
		if c := columns[i]; c != w3cOther && len(value[c]) <= 1 {
			value[c] = field
		}
	}
	if i+2 < len(columns) || value[w3cClient] == nil && value[w3cStatus] == nil {
		return false
	}
	if c := dash(value[w3cClient]); c != nil && !isAddressPort(c) {
		return false
	}
	status := value[w3cStatus]
	if parseStatus(status) == 0 && len(status) > 3 || len(value[w3cTime]) > 0 && value[w3cTime][0]-'0' > 9 {
		return false
	}
	var stamp [40]byte
	if d, tm := value[w3cDate], value[w3cTime]; len(d) == 10 && len(tm) >= 8 && len(tm) < 20 {
		utc := Clock{slot: -1}
		when, n := utc.ISO(append(append(append(stamp[:0], d...), ' '), tm...))
		if n == 0 {
			return false
		}
		r.Time = when.Time
	} else if value[w3cDate] != nil {
		return false
	} else if len(tm) >= 8 && len(tm) < 20 && !s.w3cTime(r, tm) {
		return false
	}
	r.setClient(value[w3cClient])
	if r.Client != nil && isDigits(value[w3cClientPort]) {
		r.ClientPort = value[w3cClientPort]
	}
	if m := value[w3cMethod]; isMethod(m) {
		r.Method = m
	}
	r.setURL(value[w3cStem])
	if q := dash(value[w3cQuery]); len(q) > 0 && r.URL != nil {
		r.URL = s.join("?", r.URL, q)
	}
	r.setDomain(value[w3cHost])
	r.setDomain(value[w3cViewerHost])
	r.setUser(value[w3cUser])
	r.UserAgent = dash(value[w3cAgent])
	r.Origin = dash(value[w3cReferer])
	if version, cipher := dash(value[w3cTLSVersion]), dash(value[w3cTLSCipher]); version != nil && cipher != nil {
		r.setFingerprint(ConnectionFingerprint, s.join(" ", version, cipher))
	}
	r.RequestID = dash(value[w3cRequestID])
	if r.Upstream = dash(value[w3cServer]); r.Upstream == nil {
		r.Upstream = dash(value[w3cServerIP])
	}
	if v := value[w3cAuthorization]; isNothing(v) {
		if v != nil {
			r.Sent = SentAbsent
		}
	} else {
		r.Sent = SentPresent
		if scheme, _ := cutByte(v, '+'); isKnownScheme(scheme) {
			r.Scheme = scheme
		}
	}
	r.Status = parseStatus(status)
	if r.Status >= 400 {
		if value[w3cSubstatus] != nil {
			r.Code = s.join(".", status, value[w3cSubstatus], value[w3cWin32])
		} else {
			r.Code = dash(value[w3cResult])
		}
	} else if r.Status == 0 {
		r.Code = dash(value[w3cResult])
	}
	if string(r.Code) == "N/A" {
		r.Code = nil
	}
	return true
}
