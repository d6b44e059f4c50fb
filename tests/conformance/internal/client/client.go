// Package client speaks to an API server in plain HTTP, because the warnings, the exact bytes sent and the server's own words
// are what the suite is about and richer clients hide them.
package client

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"formwork.example/conformance/internal/server"
)

// Manager is the field manager of everything that the suite applies.
const Manager = "formwork"

// Client is an administrator's connection unless As says otherwise; many may use it at once.
type Client struct {
	url     string
	http    *http.Client
	account ServiceAccount
	*shared
}

// shared is what all clients of one server know of it.
type shared struct {
	mutex     sync.Mutex
	resources map[string]map[string]Resource
}

// Resource is how a kind is called in a path.
type Resource struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

// Object is what addresses an object.
type Object struct {
	APIVersion, Kind, Namespace, Name string
}

func (object Object) String() string {
	name := object.Name
	if object.Namespace != "" {
		name = object.Namespace + "/" + name
	}
	return object.APIVersion + " " + object.Kind + " " + name
}

// Answer is what the server said.
type Answer struct {
	Code     int
	Body     []byte
	Warnings []string
}

// Accepted says whether the server did what it was asked.
func (answer Answer) Accepted() bool { return answer.Code >= 200 && answer.Code < 300 }

// Message is the server's reason in its own words.
func (answer Answer) Message() string {
	var status struct{ Message string }
	if err := json.Unmarshal(answer.Body, &status); err != nil || status.Message == "" {
		return strings.TrimSpace(string(answer.Body))
	}
	return status.Message
}

// New returns a client of the server at this address.
func New(address string) *Client {
	transport := &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 8,
	}
	return &Client{
		url:    address,
		http:   &http.Client{Transport: transport, Timeout: time.Minute},
		shared: &shared{resources: map[string]map[string]Resource{}},
	}
}

// Close gives the connections back.
func (client *Client) Close() { client.http.CloseIdleConnections() }

// Get reads an object.
func (client *Client) Get(object Object) (Answer, error) {
	path, err := client.Path(object)
	if err != nil {
		return Answer{}, err
	}
	return client.Do(http.MethodGet, path, "", nil)
}

// List reads all objects of a kind, of every namespace.
func (client *Client) List(kind Object) (Answer, error) {
	resource, err := client.Resource(kind)
	if err != nil {
		return Answer{}, err
	}
	return client.Do(http.MethodGet, root(kind.APIVersion)+"/"+resource.Name, "", nil)
}

// Apply applies a document by server-side apply with strict field validation, without forcing conflicts.
func (client *Client) Apply(object Object, document []byte) (Answer, error) {
	path, err := client.Path(object)
	if err != nil {
		return Answer{}, err
	}
	return client.Do(http.MethodPatch, path+"?fieldManager="+Manager+"&fieldValidation=Strict", "application/apply-patch+yaml", document)
}

// DryApply asks what Apply would answer and changes nothing.
func (client *Client) DryApply(object Object, document []byte) (Answer, error) {
	path, err := client.Path(object)
	if err != nil {
		return Answer{}, err
	}
	query := "?fieldManager=" + Manager + "&fieldValidation=Strict&dryRun=All&force=true"
	return client.Do(http.MethodPatch, path+query, "application/apply-patch+yaml", document)
}

// MergeStatus writes into the status of an object, as a controller does.
func (client *Client) MergeStatus(object Object, patch []byte) (Answer, error) {
	path, err := client.Path(object)
	if err != nil {
		return Answer{}, err
	}
	return client.Do(http.MethodPatch, path+"/status", "application/merge-patch+json", patch)
}

// As returns a client that acts as a service account; it shares the connections and what is known of the server.
func (client *Client) As(account ServiceAccount) *Client {
	if account.Name == "" {
		return client
	}
	return &Client{url: client.url, http: client.http, shared: client.shared, account: account}
}

// ServiceAccount names one; the empty one is nobody.
type ServiceAccount struct{ Namespace, Name string }

func (account ServiceAccount) impersonate(header http.Header) {
	if account.Name == "" {
		return
	}
	header.Set("Impersonate-User", "system:serviceaccount:"+account.Namespace+":"+account.Name)
	for _, group := range []string{"system:serviceaccounts", "system:serviceaccounts:" + account.Namespace, "system:authenticated"} {
		header.Add("Impersonate-Group", group)
	}
}

// Create creates an object from a document with strict field validation; a dry run changes nothing.
func (client *Client) Create(object Object, document []byte, dryRun bool) (Answer, error) {
	path, err := client.Path(object)
	if err != nil {
		return Answer{}, err
	}
	query := "?fieldManager=" + Manager + "&fieldValidation=Strict"
	if dryRun {
		query += "&dryRun=All"
	}
	return client.Do(http.MethodPost, path[:strings.LastIndex(path, "/")]+query, "application/yaml", document)
}

// Delete removes an object at once.
func (client *Client) Delete(object Object) (Answer, error) {
	path, err := client.Path(object)
	if err != nil {
		return Answer{}, err
	}
	return client.Do(http.MethodDelete, path+"?gracePeriodSeconds=0&propagationPolicy=Background", "", nil)
}

// Do sends one request; an error means that there was no answer.
func (client *Client) Do(method, path, contentType string, body []byte) (Answer, error) {
	request, err := http.NewRequest(method, client.url+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+server.Token)
	request.Header.Set("Accept", "application/json")
	client.account.impersonate(request.Header)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := client.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, err
	}
	return Answer{Code: response.StatusCode, Body: text, Warnings: warnings(response.Header)}, nil
}

var warning = regexp.MustCompile(`^299 \S+ "(.*)"$`)

func warnings(header http.Header) []string {
	var texts []string
	for _, line := range header.Values("Warning") {
		if parts := warning.FindStringSubmatch(line); parts != nil {
			line = strings.ReplaceAll(parts[1], `\"`, `"`)
		}
		texts = append(texts, line)
	}
	return texts
}

// UnknownKind is the error for a kind that the server does not serve.
type UnknownKind struct{ Object Object }

func (unknown UnknownKind) Error() string {
	return fmt.Sprintf("no matches for kind %q in version %q", unknown.Object.Kind, unknown.Object.APIVersion)
}

// Path returns the path of an object on the server.
func (client *Client) Path(object Object) (string, error) {
	resource, err := client.Resource(object)
	if err != nil {
		return "", err
	}
	path := root(object.APIVersion)
	if resource.Namespaced {
		path += "/namespaces/" + url.PathEscape(object.Namespace)
	}
	return path + "/" + resource.Name + "/" + url.PathEscape(object.Name), nil
}

func root(apiVersion string) string {
	if strings.Contains(apiVersion, "/") {
		return "/apis/" + apiVersion
	}
	return "/api/" + apiVersion
}

// Resource looks a kind up in the server's own list.
func (client *Client) Resource(object Object) (Resource, error) {
	client.mutex.Lock()
	defer client.mutex.Unlock()
	known, read := client.resources[object.APIVersion]
	if !read {
		answer, err := client.Do(http.MethodGet, root(object.APIVersion), "", nil)
		if err != nil {
			return Resource{}, err
		}
		var list struct{ Resources []Resource }
		if answer.Accepted() {
			if err := json.Unmarshal(answer.Body, &list); err != nil {
				return Resource{}, err
			}
		}
		known = map[string]Resource{}
		for _, resource := range list.Resources {
			if !strings.Contains(resource.Name, "/") {
				known[resource.Kind] = resource
			}
		}
		client.resources[object.APIVersion] = known
	}
	resource, found := known[object.Kind]
	if !found {
		// A definition may be served a moment later.
		delete(client.resources, object.APIVersion)
		return Resource{}, UnknownKind{object}
	}
	return resource, nil
}
