using System.Text.Json;
using Resurgam.Core.Problems;
using Resurgam.Serve;

namespace Resurgam.Tests.Serve;

public sealed class HttpRouteTests
{
    [Fact]
    public void The_description_has_every_path_and_no_other()
    {
        using var document = JsonDocument.Parse(OpenApi.Document);

        var described = document
            .RootElement.GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path =>
                path.Value.EnumerateObject().Select(verb => $"{verb.Name.ToUpperInvariant()} {path.Name}")
            );

        Assert.Equal(HttpFace.Routes.Select(route => $"{route.Method} {route.Path}").Order(), described.Order());
    }

    [Fact]
    public void Who_asks_is_known_wherever_the_description_says_so()
    {
        using var document = JsonDocument.Parse(OpenApi.Document);
        foreach (var route in HttpFace.Routes)
        {
            var verb = document
                .RootElement.GetProperty("paths")
                .GetProperty(route.Path)
                .GetProperty(route.Method == "GET" ? "get" : "post");
            Assert.Equal(route.Right is null, verb.TryGetProperty("security", out _));
        }
    }

    [Theory]
    [InlineData("/runs/{run}/steps/{step}/approve", "/runs/a/steps/b%2Fc/approve", "a b/c")]
    [InlineData("/runs/{run}", "/runs/", null)]
    [InlineData("/runs/{run}", "/runs", null)]
    [InlineData("/runs/{run}", "/runs/a/b", null)]
    public void Names_stand_in_the_path(string path, string asked, string? names)
    {
        HttpRoute route = new("GET", path, Right: null, (_, _) => throw new InvalidOperationException());

        Assert.Equal(names, route.TryMatch(asked) is { } found ? string.Join(' ', found) : null);
    }

    [Theory]
    [InlineData("127.0.0.1:9463", null)]
    [InlineData("[::1]:9463", null)]
    [InlineData("unix:/run/resurgam/api.sock", "/run/resurgam/api.sock")]
    public void An_address_is_read_and_written_the_same(string text, string? path)
    {
        var address = ListenAddress.Parse(text);

        Assert.Equal((text, path), (address.ToString(), address.SocketPath));
    }

    [Theory]
    [InlineData("localhost:9463")]
    [InlineData("127.0.0.1")]
    [InlineData("unix:api.sock")]
    [InlineData("none")]
    public void What_is_no_address_is_refused(string text) =>
        Assert.Equal(
            "listen-address",
            Assert.Throws<ResurgamException>(() => ListenAddress.ParseAll(["127.0.0.1:1", text])).Problem.Code
        );
}
