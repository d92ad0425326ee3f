package parsers

var _ = register(Parser{
	Name: "apigateway-execution",
	Doc: `Amazon API Gateway execution log

"(request id) text", many lines for one request, in CloudWatch Logs.`,
	Layer: Gateway,
	First: "(",
	Order: 33,
	Parse: parseAPIGatewayExecution,
})

// (c6af9ac6-7b61-11e6-9a41-93e8deadbeef) Method completed with status: 401
func parseAPIGatewayExecution(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[37] != ')' || t[38] != ' ' || t[9] != '-' || t[24] != '-' {
		return false
	}
	r.RequestID = t[1:37]
	r.Message = t[39:]
	switch m := r.Message; {
	case hasPrefix(m, "Method completed with "):
		if status := after(m, "with status: "); len(status) >= 3 {
			r.Status = parseStatus(status[:3])
		}
	case hasPrefix(m, "HTTP Method: "): // HTTP Method: GET, Resource Path: /orders
		method := upTo(m[13:], ",")
		if isMethod(method) {
			r.Method = method
		}
		if path := after(m, "Resource Path: "); path != nil {
			r.setURL(path)
		}
	case hasPrefix(m, "Method request "), hasPrefix(m, "Endpoint re"), hasPrefix(m, "Method response "):
		r.Logger = upTo(m, ":")
	}
	return true
}
