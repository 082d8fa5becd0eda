using Resurgam.Core.Plans;
using Resurgam.Tests.Support;

namespace Resurgam.Tests.Plans;

public sealed class PlanSchemaTests
{
    [Fact]
    public void The_published_schema_is_the_one_of_the_keys() =>
        Golden.MatchInRepository("docs/plan.schema.json", PlanSchema.Text());
}
