package functions

// Where is a filter, as the REST API takes it: {"published": true, "views": {"$gt": 10}}.
type Where map[string]any

// Query says which documents a list has, and what of them.
type Query struct {
	Where Where
	// Sort are field names, with a minus before those that go down.
	Sort   []string
	Limit  int
	Offset int
	// Cursor is the NextCursor of the page before.
	Cursor string
	Expand []string
	Fields []string
	// SkipTotal leaves the documents uncounted, which is faster.
	SkipTotal bool
}

// Option says what of a single document is wanted.
type Option func(*getRequest)

// Expand puts the documents that these fields point to beside them.
func Expand(paths ...string) Option {
	return func(request *getRequest) { request.Expand = append(request.Expand, paths...) }
}

// Fields leaves out all other fields.
func Fields(names ...string) Option {
	return func(request *getRequest) { request.Fields = append(request.Fields, names...) }
}

// Page is one page of a list.
type Page[T any] struct {
	Docs []T
	// Total is how many documents there are on all pages; 0 where the query skipped it.
	Total int
	// NextCursor leads to the next page; empty on the last.
	NextCursor string
}

// Collection is one collection of a database.
type Collection struct {
	access access
	name   string
}

// Get is the document of an id; nil where there is none that may be read.
func (c *Collection) Get(id string, options ...Option) (Document, error) {
	found, err := Get[Document](c, id, options...)
	if found == nil {
		return nil, err
	}
	return *found, err
}

// List is a page of the documents that a query asks for.
func (c *Collection) List(query Query) (Page[Document], error) {
	return List[Document](c, query)
}

// First is the first document that a query asks for; nil where there is none.
func (c *Collection) First(query Query) (Document, error) {
	found, err := First[Document](c, query)
	if found == nil {
		return nil, err
	}
	return *found, err
}

// Count is how many documents there are.
func (c *Collection) Count(where Where) (int, error) {
	page, err := c.List(Query{Where: where, Limit: 1})
	return page.Total, err
}

// Create makes a document of a map or struct, and returns it as it is stored.
func (c *Collection) Create(data any) (Document, error) {
	return Create[Document](c, data)
}

// Update changes the fields that data has; a value may be an operator like [Inc].
func (c *Collection) Update(id string, data any) (Document, error) {
	return Update[Document](c, id, data)
}

// Upsert changes the document that data names by its primary key, or makes it.
func (c *Collection) Upsert(data any) (Document, error) {
	return Upsert[Document](c, data)
}

// Delete removes a document.
func (c *Collection) Delete(id string) error {
	return c.exec(execRequest{Op: "delete", ID: id}, nil)
}

// place is where a request goes, and as whom.
type place struct {
	Collection  string `json:"collection"`
	As          string `json:"as"`
	Transaction string `json:"transaction,omitempty"`
}

type getRequest struct {
	place
	ID     string   `json:"id"`
	Expand []string `json:"expand,omitempty"`
	Fields []string `json:"fields,omitempty"`
}

type listRequest struct {
	place
	Where  Where    `json:"where,omitempty"`
	Sort   []string `json:"sort,omitempty"`
	Limit  int      `json:"limit,omitempty"`
	Offset int      `json:"offset,omitempty"`
	Cursor string   `json:"cursor,omitempty"`
	Expand []string `json:"expand,omitempty"`
	Fields []string `json:"fields,omitempty"`
	Total  *bool    `json:"total,omitempty"`
}

type execRequest struct {
	place
	Op   string `json:"op"`
	ID   string `json:"id,omitempty"`
	Data any    `json:"data,omitempty"`
}

func (c *Collection) place() place {
	return place{Collection: c.name, As: c.access.as, Transaction: c.access.transaction}
}

func (c *Collection) query(request, answer any) error {
	return c.access.post("query", request, answer)
}

func (c *Collection) exec(request execRequest, answer any) error {
	request.place = c.place()
	return c.access.post("exec", request, answer)
}
