"""The ways in which subjects' names are printed, and the places, firms, offices and words that look like them."""

from __future__ import annotations

import pytest

from enrich.catalogue import load_knowledge
from enrich.persons import find_persons, mask

KNOWLEDGE = load_knowledge()
PLACES = sorted({name for e in KNOWLEDGE.divisions.values() for name in (e.zh_short, e.zh)})[::5]
PLACES += [
    "石家庄", "连云港", "乌鲁木齐", "齐齐哈尔", "黄山", "沈阳站", "张家港", "江阴", "韩国", "越南", "马来西亚", "江苏南京", "辽宁大连", "黑龙江大庆",
]  # fmt: skip
BEHIND_PLACE = ["{}被抓获", "{}被判处", "{}被行政拘留", "3人在{}归案", "某行{}（时任行长）", "将{}予以通报，并行政拘留3人", "警方在{}抓获、传唤多人", "{}、上海等3人落网", "{}因谣言行政拘留2人"]  # fmt: skip
WORDS = ["程序", "项目", "该项目", "余人", "司机", "董事", "费用", "钱款", "房东", "农民", "游客", "党员", "任何人员", "高管", "其余人员", "黄金", "干部", "金融机构", "许可证", "华为", "贝壳", "米哈游", "应用", "应用程序", "资金", "云平台", "网站", "周三"]  # fmt: skip
BEFORE = ["{}被依法处理，3人被行政拘留。", "{}因涉嫌违法被罚。", "，{}被抓获", "对违规的{}予以行政拘留以外的处罚", "对{}进行核查并警告。", "抓获{}、传唤他人。", "{}等5人被行政拘留。", "查处{}、医生等20人", "当事人\t{}\t警告"]  # fmt: skip


def masked(text: str) -> str:
    return mask(text, find_persons(text, KNOWLEDGE))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("违法行为人王 强被罚款。王强不服", "违法行为人王 某被罚款。王某不服"),
        ("被告人李 娜，女", "被告人李 某，女"),
        ("嫌疑人张　伟、王 强因盗窃", "嫌疑人张　某、王 某因盗窃"),
        ("违法行为人王 强, 李 娜, 张　伟", "违法行为人王 某, 李 某, 张　某"),
        ("嫌疑人王强落网。后查明王 强系惯犯", "嫌疑人王某落网。后查明王 某系惯犯"),
        ("嫌疑人李小强落网。李 小 强系惯犯", "嫌疑人李某某落网。李 某 某系惯犯"),
        ("抓获张三、李四等5名犯罪嫌疑人", "抓获张某、李某等5名犯罪嫌疑人"),
        ("抓获刘德强、赵某、李四等多人", "抓获刘某某、赵某、李某等多人"),
        ("民警抓获刘德强，扣押手机", "民警抓获刘某某，扣押手机"),
        ("将刘德强抓获，处行政拘留", "将刘某某抓获，处行政拘留"),
        ("对散布谣言的刘德强予以行政拘留", "对散布谣言的刘某某予以行政拘留"),
        ("经查，刘德强因散布谣言，被处行政拘留", "经查，刘某某因散布谣言，被处行政拘留"),
        ("法定代表人：赵敏。赵敏被警告", "法定代表人：赵某。赵某被警告"),
        ("当事人：高强\n住所：某路1号\n处罚种类：罚款一万元", "当事人：高某\n住所：某路1号\n处罚种类：罚款一万元"),
        ("网民赵敏在群里造谣。公安机关给予警告。当事人赵敏、钱彬，均认错", "网民赵某在群里造谣。公安机关给予警告。当事人赵某、钱某，均认错"),
        ("网民“王志强”被行政拘留", "网民“王某某”被行政拘留"),
        ("直接责任人员李明、王芳被罚款", "直接责任人员李某、王某被罚款"),
        ("被告人王强南京市人", "被告人王某南京市人"),
        ("嫌疑人王海南被抓获", "嫌疑人王某某被抓获"),
        ("黄山（男，40岁）被抓获", "黄某（男，40岁）被抓获"),
        ("金山林被抓获", "金某某被抓获"),
        ("嫌疑人王建国、李正被抓获", "嫌疑人王某某、李某被抓获"),
        ("嫌疑人王进被抓获", "嫌疑人王某被抓获"),
        ("嫌疑人李强利用漏洞", "嫌疑人李某利用漏洞"),
        ("张建军因涉嫌诈骗", "张某某因涉嫌诈骗"),
        ("在张小强被抓获后", "在张某某被抓获后"),
        ("嫌疑人黄金龙被抓获", "嫌疑人黄某某被抓获"),
        ("Defendant Li Xiaoqiang was sentenced", "Defendant Li XXXXXXXXX was sentenced"),
        ("LI Xiaoqiang was fined. Li Xiaoqiang paid", "LI XXXXXXXXX was fined. Li XXXXXXXXX paid"),
        ("LI XIAOQIANG was arrested", "LI XXXXXXXXX was arrested"),
        ("Li Xiaoqiang was arrested. XIAOQIANG fled", "Li XXXXXXXXX was arrested. XXXXXXXXX fled"),
        ("Zhang San, a programmer at a firm, was fined", "Zhang XXX, a programmer at a firm, was fined"),
        ("sentenced Li Xiao-qiang and Wang Wei", "sentenced Li XXXX-XXXXX and Wang XXX"),
        ("Li Xiaoqiang, Wang Wei and Zhao Min were fined", "Li XXXXXXXXX, Wang XXX and Zhao XXX were fined"),
        ("Suspect Li Xiao Qiang was arrested", "Suspect Li XXXX XXXXX was arrested"),
        ("police detained Li\nXiaoqiang. Li Xiaoqiang fled", "police detained Li\nXXXXXXXXX. Li XXXXXXXXX fled"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_it_is_printed(text: str, wanted: str) -> None:
    assert masked(text) == wanted
    assert masked(wanted) == wanted


@pytest.mark.parametrize("pattern", BEHIND_PLACE)
def test_no_place_is_a_person(pattern: str) -> None:
    told = {place: find_persons(pattern.format(place), KNOWLEDGE) for place in PLACES}
    assert {place: names for place, names in told.items() if names} == {}


@pytest.mark.parametrize("pattern", BEFORE)
def test_no_word_and_no_firm_is_a_person(pattern: str) -> None:
    told = {word: find_persons(pattern.format(word), KNOWLEDGE) for word in WORDS}
    assert {word: names for word, names in told.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        "东方被抓获", "该公司也因涉嫌违法被罚", "公司多次因涉嫌违法", "交易中被抓获", "嫌疑人", "嫌疑人利用漏洞", "俄罗斯被依法", "清华大学因涉嫌", "农业部被依法", "工程师因涉嫌", "消费者被依法", "嫌疑人严重违反规定", "被告人毕业于某校", "当事人许可证被吊销", "用户“项目”被警告", "主管人员应当报告，否则罚款", "责任人被罚款", "网民应当利用好平台。对谣言予以警告。",
        "网信办负责人王强表示，将加强监管。下一步对违法者予以警告。", "局长王强、李小明等5人出席", "记者张 伟报道", "当事人 单 位", "处罚种类 罚 款",
        "当事人\t处罚内容\n某公司\t警告", "负责人\t时间\t警告", "银行、医院等人员密集场所", "教师、医生、司机等30人参加", "人脸识别等人工智能", "对关键岗位人员予以警告",
        "Hong Kong was given a warning", "police fined Hua Xia Bank", "Hua Wei, a company in Shenzhen, was fined",
        "Xiao Yun, a platform operator, was fined", "fined Hong Yun Technology Co", "Nanjing and Wuhan were warned",
        "HE WAS fined", "Suspects An Hui police", "spokesperson Li Wei, a director, said firms were fined",
        "Yun Nan was warned", "The operator and Gao De were fined",
    ],
)  # fmt: skip
def test_what_looks_like_a_name_and_is_none(text: str) -> None:
    assert find_persons(text, KNOWLEDGE) == []
