package auth

import (
	"errors"
	"net/http"
	"strings"

	"github.com/larder-go/larder/internal/redact"
)

// maxRedirects is how many redirects are followed.
const maxRedirects = 10

// ErrRedirects reports more redirects than are followed.
var ErrRedirects = errors.New("stopped after 10 redirects")

// CheckRedirect is for http.Client.CheckRedirect: a redirect to another origin takes no credential along, in whatever
// header field the caller put it, nor in Referer, which tells another origin no more than where the request comes from.
// net/http by itself lets API keys go anywhere, Authorization to subdomains, other ports and from https to http, and
// the query of the page before, tokens included, to everybody.
func CheckRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return ErrRedirects
	}
	if Origin(req.URL) != Origin(via[0].URL) {
		for _, name := range redact.Fields(req.Header) {
			delete(req.Header, name)
		}
	}
	trimReferer(req)
	return nil
}

// trimReferer leaves of a Referer at another origin that origin alone, and nothing on the way from https to http.
func trimReferer(req *http.Request) {
	raw := req.Header.Get("Referer")
	if raw == "" {
		return
	}
	from, err := OriginOf(raw)
	switch {
	case err != nil, strings.HasPrefix(from, "https:") && req.URL.Scheme != "https":
		req.Header.Del("Referer")
	case from != Origin(req.URL):
		req.Header.Set("Referer", from+"/")
	}
}
