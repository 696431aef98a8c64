package larder

import (
	"net/url"
	"slices"
	"strings"
)

// normalURL returns u in the one spelling under which its responses are kept: scheme and host in lower case, no default
// port, "/" for an empty path, percent-encoding with upper-case digits and only where it is needed, no fragment and no
// userinfo (RFC 3986 §6.2.2, §6.2.3; RFC 9110 §4.2.3). The order of query parameters may matter to the origin and stays.
func normalURL(u *url.URL) string {
	scheme := strings.ToLower(u.Scheme)
	host := strings.ToLower(u.Host)
	switch {
	case scheme == "http":
		host = strings.TrimSuffix(host, ":80")
	case scheme == "https":
		host = strings.TrimSuffix(host, ":443")
	}
	host = strings.TrimSuffix(host, ":")
	path := normalEscapes(u.EscapedPath())
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	s := scheme + "://" + host + path
	if u.RawQuery != "" || u.ForceQuery {
		s += "?" + normalEscapes(u.RawQuery)
	}
	return s
}

// key is the URL under which responses for u are kept: the normal one, without the parameters that t ignores.
func (t *Terms) key(u *url.URL) string { return t.withoutIgnored(normalURL(u)) }

// withoutIgnored takes the parameters that t ignores out of a URL.
func (t *Terms) withoutIgnored(target string) string {
	base, query, ok := strings.Cut(target, "?")
	if len(t.Ignore) == 0 || !ok {
		return target
	}
	var kept []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if !slices.ContainsFunc(t.Ignore, func(ignored string) bool { return strings.EqualFold(ignored, name) }) {
			kept = append(kept, pair)
		}
	}
	if len(kept) == 0 {
		return base
	}
	return base + "?" + strings.Join(kept, "&")
}

// normalEscapes spells percent-encodings in upper case and decodes those of unreserved characters.
func normalEscapes(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			b.WriteByte(s[i])
			continue
		}
		if c := unhex(s[i+1])<<4 | unhex(s[i+2]); isUnreserved(c) {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

// isUnreserved is RFC 3986 §2.3, which also says that these are the same encoded and plain.
func isUnreserved(c byte) bool {
	return isHex(c) || 'g' <= c && c <= 'z' || 'G' <= c && c <= 'Z' || c == '-' || c == '.' || c == '_' || c == '~'
}
