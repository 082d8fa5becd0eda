namespace Resurgam.Serve;

/// <summary>The description of the HTTP interface, OpenAPI 3.1. Documents are those of <c>--output json</c>.</summary>
internal static class OpenApi
{
    public const string Document = """
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Resurgam daemon",
            "version": "1",
            "description": "Health, status and metrics of one daemon. It only tells: nothing can be done through it."
          },
          "paths": {
            "/healthz": {
              "get": {
                "summary": "Whether every worker of the daemon works and the plan file is followed.",
                "responses": {
                  "200": { "description": "Yes.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Health" } } } },
                  "503": { "description": "No; the document names who does not.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Health" } } } }
                }
              }
            },
            "/readyz": {
              "get": {
                "summary": "Whether the vault has been looked at.",
                "responses": { "200": { "description": "Yes." }, "503": { "description": "Not yet." } }
              }
            },
            "/status": {
              "get": {
                "summary": "The document of 'resurgam status --output json', as of this moment.",
                "responses": {
                  "200": { "description": "The status.", "content": { "application/json": { "schema": { "type": "object", "required": ["safe", "at", "assets", "findings"] } } } },
                  "503": { "description": "The vault has not been looked at yet." }
                }
              }
            },
            "/metrics": {
              "get": {
                "summary": "Metrics in Prometheus' text format 0.0.4.",
                "responses": { "200": { "description": "The metrics.", "content": { "text/plain": { "schema": { "type": "string" } } } } }
              }
            }
          },
          "components": {
            "schemas": {
              "Health": {
                "type": "object",
                "required": ["healthy", "at", "plan", "workers"],
                "properties": {
                  "healthy": { "type": "boolean" },
                  "at": { "type": "string", "format": "date-time" },
                  "plan": { "type": ["string", "null"] },
                  "workers": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["name", "alive", "beatAt", "restarts", "problem"],
                      "properties": {
                        "name": { "type": "string" },
                        "alive": { "type": "boolean" },
                        "beatAt": { "type": "string", "format": "date-time" },
                        "restarts": { "type": "integer" },
                        "problem": { "type": ["string", "null"] }
                      }
                    }
                  }
                }
              }
            }
          }
        }

        """;
}
