package dev.tandem.trainer.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected texts are those of Jinja2 3.1 with the settings of transformers. */
final class TemplateTest {
  private static final LocalDateTime NOW = LocalDateTime.of(2026, 7, 5, 13, 4, 9);
  private static final String VARIABLES =
      """
      {"s": " h\u00e9llo ", "l": [1, 2, 3], "none_here": null,
       "d": {"k": 1, "B": [1, {"x": null}], "a": "\u00e9"},
       "ms": [{"role": "system", "content": " S "}, {"role": "user", "content": "U", "name": "n"},
              {"role": "assistant", "content": "A"}]}
      """;

  private static String render(String template) {
    try {
      ObjectNode variables = (ObjectNode) new ObjectMapper().readTree(VARIABLES);
      return Template.parse("test", template).render(variables, NOW);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      textBlock =
          """
          {{ 1 + 2 * 3 }} {{ 2 ** 3 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} # 7 64 3 -4 2 3.5
          {{ 'a' ~ 1 + 2 }} # !a string + an integer cannot be computed
          {{ 1 ~ 2 * 3 }}{{ 'x' * 3 }} # 16xxx
          {{ none }} {{ true }} {{ [1, 'a', none, true, 1.5] }} # None True [1, 'a', None, True, 1.5]
          {{ {'a': "it's", 'b': [1e16, 1e-5, 0.0001, 123456789.125]} }} # {'a': "it's", 'b': [1e+16, 1e-05, 0.0001, 123456789.125]}
          {{ l[::-1] }} {{ l[1:] }} {{ l[-1] }} {{ l[:-1] }} {{ l[5:] }} {{ l[::2] }} {{ l[3:0:-1] }} # [3, 2, 1] [2, 3] 3 [1, 2] [] [1, 3] [3, 2]
          {{ s[1:3] }}{{ l[9] }}. # hé.
          {% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %} # 103TrueFalse2;212FalseFalse13;321FalseTrue2;
          {% for x in l if x != 2 %}{{ x }}{{ loop.last }},{% endfor %}{% for x in [] %}a{% else %}empty{% endfor %} # 1False,3True,empty
          {% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k, v in d|dictsort %}{{ k }}{% endfor %} # k=1;B=[1, {'x': None}];a=é;aBk
          {% set x = 1 %}{% for i in l %}{% set x = i %}{% endfor %}{{ x }}{% if true %}{% set x = 5 %}{% endif %}{{ x }} # 15
          {% set ns = namespace(a=1) %}{% for i in l %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }} {{ ns.b is defined }} # 7 False
          {% macro m(a, b='x') %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m(1, b=2) }}{{ m() }} # [1x][12][x]
          {% set z %}  hi {{ s }} {% endset %}{{ z|trim }} # hi  héllo
          {{ 'xxaxx'.strip('x') }} {{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a.b.c'.rsplit('.', 1) }} # a ['a', 'b', '', 'c'] ['a', 'b'] ['a.b', 'c']
          {{ 'hello wORLD'.title() }} {{ 'abc'.startswith(('x','a')) }} {{ 'abc'.endswith('bc') }} {{ 'aXbX'.replace('X', '-', 1) }} # Hello World True True a-bX
          {{ 'é😀'|length }} {{ u|length }} {{ l|join('-') }} {{ l|first }} {{ l|last }} {{ l|reverse|list }} # 2 0 1-2-3 1 3 [3, 2, 1]
          {{ u|default('d') }} {{ ''|default('d') }} {{ ''|default('d', true) }} {{ none|default('x') }} # d  d None
          {{ d|tojson }} # {"k": 1, "B": [1, {"x": null}], "a": "é"}
          {{ '<>&"\\''|tojson }} {{ l|tojson(separators=(',', ':')) }} {{ d|tojson(sort_keys=true) }} # "<>&\\"'" [1,2,3] {"B": [1, {"x": null}], "a": "é", "k": 1}
          {{ ms|selectattr('role', 'equalto', 'user')|list|length }} {{ ms|map(attribute='role')|join(',') }} {{ l|select('odd')|list }} # 1 system,user,assistant [1, 3]
          {{ 'a' if false else 'b' if false else 'c' }}{{ 1 if u }} # c
          {{ u == none }} {{ 1 == 1.0 }} {{ u is none }} {{ none_here is none }} {{ none_here is defined }} {{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} # False True False True True True False
          {{ 'a' in 'abc' }} {{ 2 in l }} {{ 'k' in d }} {{ 'a' not in d }} {{ 'x' in u }} # True True True False False
          {{ s is sequence }} {{ d is iterable }} {{ d is mapping }} {{ true is number }} {{ true is integer }} {{ 1 is true }} {{ not u is defined }} # True True True True False False True
          {{ u and 1 }}{{ u or 'x' }} {{ '' or none }} {{ 1 and 2 }} # x None 2
          {{ d.get('k') }} {{ d.get('zz') }} {{ d.get('zz', 4) }} {{ d.zz }} {{ {'items': 3}['items'] }} # 1 None 4  3
          {{ strftime_now('%d %b %Y %H:%M') }} # 05 Jul 2026 13:04
          {{ range(1, 7, 2)|list }} {{ '12'|int + 1 }} {{ 3.7|int }} # [1, 3, 5] 13 3
          {% for x in l %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% if x == 3 %}{% break %}{% endif %}{% endfor %} # 13
          {% generation %}hi{% endgeneration %}! # hi!
          {{ {'a': {'b': 1}}.a.b }}{{ '}}' }}{{ '%}' }} # 1}}%}
          {{ u.x }} # !u is undefined, so it has no x
          {{ u['x'] }} # !u is undefined, so it has no items
          {{ none + 'a' }} # !None + a string cannot be computed
          {{ u() }} # !there is no function u
          {{ l.append(4) }} # !the list method append is not supported
          {{ 'a'.zfill(3) }} # !the string method zfill is not supported
          {{ s|wordwrap }} # !the filter wordwrap is not supported
          {{ 1 is foo }} # !the test foo is not supported
          {{ '%s' % 1 }} # !formatting a string with % is not supported
          {% include 'x' %} # !the statement include is not supported
          {% do x %} # !the statement do is not supported
          {{ a b }} # !expected }}, found b
          {{ (1 }} # !unexpected '}'
          {{ raise_exception('no ' + 'tools') }} # !the template refuses: no tools
          {{ u|tojson }} # !undefined (u) cannot be written as JSON
          {% set d.k = 1 %} # !d is a mapping, and only a namespace's fields can be set
          {% for x in 5 %}{% endfor %} # !an integer has no items
          {% macro m() %}{{ m() }}{% endmacro %}{{ m() }} # !macros call each other without end
          """)
  void rendersAsJinja2DoesOrRefusesWithItsLine(String template, String expected) {
    if (expected.startsWith("!")) {
      assertThatThrownBy(() -> render(template))
          .isInstanceOf(JinjaException.class)
          .hasMessageMatching("test line \\d+: .*")
          .hasMessageEndingWith(expected.substring(1));
    } else {
      assertThat(render(template).strip()).isEqualTo(expected.strip());
    }
  }

  @Test
  void takesLineFeedsAndIndentationAwayAsTrimBlocksAndLstripBlocksDo() {
    assertThat(render("  {% if true %}  \n  a\n  {% endif %}  \nb")).isEqualTo("  \n  a\n  \nb");
    assertThat(render("{% for x in l %}\n{{ x }}\n{% endfor %}\n")).isEqualTo("1\n2\n3\n");
    assertThat(render("x{# c #}\ny\n   {# c #}\nz\n   {{ 1 }}\n z {{- 1 -}}  \n z"))
        .isEqualTo("xy\nz\n   1\n z1z");
    assertThat(render("  {%- if true -%}  \n\n  a  \n  {%- endif +%}\nb")).isEqualTo("a\nb");
    assertThat(render("  {%+ if true %}q\n  {%+ endif %}r\n\t{% if true %}t{% endif %}"))
        .isEqualTo("  q\n  r\nt");
    assertThat(render("{% raw %}{{ x }}{% y %}{% endraw %}\ne")).isEqualTo("{{ x }}{% y %}e");
    assertThat(render("a\r\nb\n\n")).isEqualTo("a\nb\n");
  }

  @Test
  void writesIndentedJsonAsPythonDoes() {
    assertThat(render("{{ d|tojson(indent=2) }}"))
        .isEqualTo(
            """
            {
              "k": 1,
              "B": [
                1,
                {
                  "x": null
                }
              ],
              "a": "\u00e9"
            }\
            """);
    assertThat(render("{{ []|tojson(indent=4) }}{{ {}|tojson(indent=4) }}")).isEqualTo("[]{}");
    assertThat(render("{{ 1.0|tojson }} {{ 1e-7|tojson }} {{ '\\n\\u0001\\t'|tojson }}"))
        .isEqualTo("1.0 1e-07 \"\\n\\u0001\\t\"");
  }

  @Test
  void namesTheLineOfWhatIsWrong() {
    assertThatThrownBy(() -> render("a\n\n{% if true %}\n  {{ 'x'|wordcount }}\n{% endif %}"))
        .hasMessage("test line 4: the filter wordcount is not supported");
    assertThatThrownBy(() -> render("a\n{% if true %}\nb"))
        .hasMessageStartingWith("test line 2: ")
        .hasMessageContaining("endif");
    assertThatThrownBy(() -> render("a\n{{ 'b }}")).hasMessageStartingWith("test line 2: ");
  }
}
